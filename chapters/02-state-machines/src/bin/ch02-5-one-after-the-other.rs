//! Two pots of tea, one after the other, and side by side.

use std::pin::pin;
use std::task::{Context, Waker};

use state_machines::{join, yield_now};

// ANCHOR: program
/// A pot that takes three pauses.
async fn pot(name: &str) {
    for pause in 1..=3 {
        println!("    {name}: waits ({pause} of 3)");
        yield_now().await;
    }
}

async fn one_after_the_other() {
    pot("green").await;
    pot("black").await;
}

fn main() {
    closed_output::end_quietly();
    println!("one after the other");
    let polls = polls_of(one_after_the_other());
    println!("ready at poll {polls}\n");

    println!("side by side");
    let polls = polls_of(join(pot("green"), pot("black")));
    println!("ready at poll {polls}");
}
// ANCHOR_END: program

// ANCHOR: polls_of
fn polls_of(future: impl Future) -> u32 {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut polls = 1;
    while future.as_mut().poll(&mut context).is_pending() {
        polls += 1;
    }
    polls
}
// ANCHOR_END: polls_of
