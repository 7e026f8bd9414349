//! Tasks that end in different ways, and what their handles return.

use std::panic;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JoinError, JoinHandle, JumpingDriver, yield_now};

// ANCHOR: main
fn main() {
    // The standard library also prints each panic where it happens. The loop's report is enough.
    panic::set_hook(Box::new(|_| {}));
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.on_unretrieved(|report| println!("  the loop reports: {report}"));
    event_loop.block_on(parent(event_loop.handle()));
}

// ANCHOR: parent
async fn parent(handle: Handle) {
    let adds = handle.spawn(async { 40 + 2 });
    yield_now().await;
    println!("it has finished already: {}", adds.is_finished());
    tell("adds", adds).await;

    tell("divides", handle.spawn(async { divide(1, 0) })).await;

    let sleeps = handle.spawn(handle.sleep(Duration::from_secs(3_600)));
    yield_now().await;
    sleeps.abort();
    tell("sleeps", sleeps).await;

    println!("the handle of the last one is dropped");
    drop(handle.spawn(async { divide(2, 0) }));
    yield_now().await;
    println!("and the loop goes on");
}
// ANCHOR_END: parent

// ANCHOR: tell
async fn tell<T: std::fmt::Debug>(name: &str, task: JoinHandle<T>) {
    match task.await {
        Ok(value) => println!("{name}: is ready with {value:?}"),
        Err(JoinError::Panicked(_)) => println!("{name}: has panicked"),
        Err(JoinError::Aborted) => println!("{name}: was dropped before it was ready"),
    }
}
// ANCHOR_END: tell
// ANCHOR_END: main

fn divide(one: u32, other: u32) -> u32 {
    one.checked_div(other).expect("nothing divides by zero")
}
