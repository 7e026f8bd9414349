//! How often a future is polled, counted from outside.

use std::pin::pin;
use std::task::{Context, Waker};

use state_machines::{counted, yield_now};

// ANCHOR: program
async fn word() -> &'static str {
    yield_now().await;
    yield_now().await;
    "done"
}

fn main() {
    closed_output::end_quietly();
    let mut counted = pin!(counted(word()));
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..3 {
        println!("{:?}", counted.as_mut().poll(&mut context));
    }
}
// ANCHOR_END: program
