//! A service is told to stop while it answers three orders. It stops by dropping its tasks.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};

// ANCHOR: order
/// An order is paid, and then it is noted. Both take half of the time.
async fn order(handle: Handle, number: u32, seconds: u64) {
    let half = Duration::from_millis(seconds * 500);
    handle.sleep(half).await;
    says(&handle, format!("order {number}: paid"));
    handle.sleep(half).await;
    says(&handle, format!("order {number}: noted, and answered"));
}
// ANCHOR_END: order

// ANCHOR: main
async fn service(handle: Handle) {
    let orders = [(1, 2), (2, 5), (3, 40)];
    let tasks =
        orders.map(|(number, seconds)| handle.spawn(order(handle.clone(), number, seconds)));
    handle.sleep(Duration::from_secs(3)).await;
    says(&handle, "SIGTERM: the service stops");
    for task in tasks {
        task.abort();
    }
    says(&handle, "the service has stopped");
}
// ANCHOR_END: main

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(service(event_loop.handle()));
}

fn says(handle: &Handle, what: impl std::fmt::Display) {
    println!(
        "{:>5} s  {what}",
        handle.now().since_start().as_millis() as f64 / 1_000.0
    );
}
