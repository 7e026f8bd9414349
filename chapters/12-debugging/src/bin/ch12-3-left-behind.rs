//! Two tests on one loop, the same two with a loop each, and what the first one leaves.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use debugging::{alone, leaks};
use event_loop::{EventLoop, Handle, JumpingDriver};

const SECOND: Duration = Duration::from_secs(1);

// ANCHOR: tests
/// A poller asks the server every ten seconds.
async fn asks_twice_in_fifteen_seconds(handle: Handle) {
    let asked = Rc::new(Cell::new(0));
    let (counts, sleeper) = (Rc::clone(&asked), handle.clone());
    let poller = handle.spawn(async move {
        loop {
            counts.set(counts.get() + 1);
            println!("    the poller asks");
            sleeper.sleep(10 * SECOND).await;
        }
    });
    handle.sleep(15 * SECOND).await;
    println!("  asked {} times, expected 2", asked.get());
    drop(poller); // The handle goes, and the task stays.
}

/// A session ends five seconds after the loop has started.
async fn ends_after_five_seconds(handle: Handle) {
    handle.sleep(5 * SECOND).await;
    println!("  ended at {}, expected at 5s", handle.now());
}
// ANCHOR_END: tests

fn main() {
    closed_output::end_quietly();
    // ANCHOR: shared
    println!("two tests on one loop:");
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(asks_twice_in_fifteen_seconds(event_loop.handle()));
    event_loop.block_on(ends_after_five_seconds(event_loop.handle()));
    // ANCHOR_END: shared

    // ANCHOR: alone
    println!("a loop for each:");
    report(alone(asks_twice_in_fifteen_seconds));
    report(alone(ends_after_five_seconds));
    // ANCHOR_END: alone

    // ANCHOR: left
    println!("what they leave:");
    left(asks_twice_in_fifteen_seconds);
    left(ends_after_five_seconds);
    // ANCHOR_END: left
}

fn report(((), took): ((), Duration)) {
    println!("  took {took:?} on its clock");
}

fn left<F: Future<Output = ()>>(test: impl FnOnce(Handle) -> F) {
    let ((), left) = leaks::watch(test);
    let tasks: Vec<String> = left.tasks.iter().map(ToString::to_string).collect();
    println!(
        "  tasks {tasks:?}, timers {}, wakers {}",
        left.timers, left.wakers
    );
}
