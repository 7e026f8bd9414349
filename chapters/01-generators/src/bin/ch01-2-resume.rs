//! A function that pauses twice, driven by hand.

use std::mem;

use generators::{Generator, Step};

// ANCHOR: machine
// ANCHOR: state
/// Makes tea, and suspends wherever it has to wait.
struct Tea {
    state: State,
}

enum State {
    Created,
    Boiling,
    Steeping { leaves: u32 },
    Complete,
}
// ANCHOR_END: state

// ANCHOR: resume
impl Generator for Tea {
    type Yield = &'static str;
    type Return = String;

    fn resume(&mut self, (): ()) -> Step<&'static str, String> {
        match mem::replace(&mut self.state, State::Complete) {
            State::Created => {
                println!("    tea: fills the kettle");
                self.state = State::Boiling;
                Step::Yielded("wait for the water")
            }
            State::Boiling => {
                let leaves = 3;
                println!("    tea: takes {leaves} spoons of leaves");
                self.state = State::Steeping { leaves };
                Step::Yielded("wait for the leaves")
            }
            State::Steeping { leaves } => {
                println!("    tea: pours");
                Step::Complete(format!("a pot from {leaves} spoons"))
            }
            State::Complete => panic!("resumed after completion"),
        }
    }
}
// ANCHOR_END: resume
// ANCHOR_END: machine

// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    println!("caller: makes a Tea");
    let mut tea = Tea {
        state: State::Created,
    };
    println!("caller: has a Tea, and nothing has happened");
    loop {
        println!("caller: resumes it");
        match tea.resume(()) {
            Step::Yielded(why) => println!("caller: it has paused: {why}"),
            Step::Complete(pot) => {
                println!("caller: it has completed: {pot}");
                break;
            }
        }
    }
}
// ANCHOR_END: caller
