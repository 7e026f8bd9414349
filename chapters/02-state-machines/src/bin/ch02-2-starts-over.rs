//! A poll that is an ordinary function: it begins at its first line each time.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker, ready};

use state_machines::yield_now;

// ANCHOR: machine
/// Asks for the newest version, which takes one pause.
async fn version() -> u32 {
    println!("    version: asked");
    yield_now().await;
    println!("    version: has its answer");
    2
}

/// Awaits it, or so it seems.
struct Refresh;

impl Future for Refresh {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        let child = pin!(version());
        let version = ready!(child.poll(context));
        Poll::Ready(version)
    }
}
// ANCHOR_END: machine

// ANCHOR: caller
fn main() {
    closed_output::end_quietly();
    let mut refresh = pin!(Refresh);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..4 {
        println!("caller: polls it");
        let poll = refresh.as_mut().poll(&mut context);
        println!("caller: {poll:?}");
    }
    println!("caller: gives up");
}
// ANCHOR_END: caller
