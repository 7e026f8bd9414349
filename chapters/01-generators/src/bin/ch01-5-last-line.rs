//! A generator that tidies up in its last step, and a caller who never gets there.

use std::cell::Cell;

use generators::{Generator, Step};

// ANCHOR: machine
/// Takes a lock, counts to three, and gives the lock back in its last step.
struct Counter<'l> {
    locked: &'l Cell<bool>,
    given: u32,
}

impl Generator for Counter<'_> {
    type Yield = u32;
    type Return = ();

    fn resume(&mut self, (): ()) -> Step<u32, ()> {
        if self.given == 3 {
            println!("    counter: gives the lock back");
            self.locked.set(false);
            return Step::Complete(());
        }
        if self.given == 0 {
            println!("    counter: takes the lock");
            self.locked.set(true);
        }
        self.given += 1;
        Step::Yielded(self.given)
    }
}
// ANCHOR_END: machine

// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    let locked = Cell::new(false);
    {
        let mut counter = Counter {
            locked: &locked,
            given: 0,
        };
        println!("caller: gets {:?}", counter.resume(()));
        println!("caller: gets {:?}", counter.resume(()));
        println!("caller: has seen enough, and leaves the block");
    }
    println!("caller: is the lock still taken? {}", locked.get());
}
// ANCHOR_END: caller
