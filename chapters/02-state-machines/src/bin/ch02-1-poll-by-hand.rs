//! An `async fn`, polled by hand.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use state_machines::yield_now;

// ANCHOR: tea
/// Makes tea, and is suspended wherever the cook has to wait.
pub(crate) async fn tea() -> String {
    println!("    tea: fills the kettle");
    yield_now().await;
    let leaves = 3;
    println!("    tea: takes {leaves} spoons of leaves");
    yield_now().await;
    println!("    tea: pours");
    format!("a pot from {leaves} spoons")
}
// ANCHOR_END: tea

// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    println!("caller: calls tea");
    let tea = tea();
    println!("caller: has a future, and nothing has happened");
    poll_to_the_end(tea);
}

pub(crate) fn poll_to_the_end(tea: impl Future<Output = String>) {
    let mut tea = pin!(tea);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        println!("caller: polls it");
        match tea.as_mut().poll(&mut context) {
            Poll::Pending => println!("caller: it has paused"),
            Poll::Ready(pot) => {
                println!("caller: it is ready: {pot}");
                break;
            }
        }
    }
}
// ANCHOR_END: caller
