//! The same service, which finishes the orders that it has begun, for at most ten seconds.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use service::Drain;

async fn order(handle: Handle, number: u32, seconds: u64) {
    let half = Duration::from_millis(seconds * 500);
    handle.sleep(half).await;
    says(&handle, format!("order {number}: paid"));
    handle.sleep(half).await;
    says(&handle, format!("order {number}: noted, and answered"));
}

// ANCHOR: accept
/// Admits an order, and runs it as a task.
fn accept(handle: &Handle, drain: &Drain, number: u32, seconds: u64) {
    match drain.admit(order(handle.clone(), number, seconds)) {
        Ok(admitted) => {
            let handle = handle.clone();
            drop(handle.clone().spawn(async move {
                if let Err(cut) = admitted.await {
                    says(&handle, format!("order {number}: {cut}"));
                }
            }));
        }
        Err(refused) => says(handle, format!("order {number}: {refused}")),
    }
}
// ANCHOR_END: accept

// ANCHOR: main
async fn service(handle: Handle) {
    let drain = Drain::new();
    for (number, seconds) in [(1, 2), (2, 5), (3, 40)] {
        accept(&handle, &drain, number, seconds);
    }
    handle.sleep(Duration::from_secs(3)).await;
    says(&handle, "SIGTERM: the service stops");
    let finish = drain.finish(&handle, Duration::from_secs(10));
    accept(&handle, &drain, 4, 1);
    let numbers = finish.await;
    says(&handle, "the service has stopped");
    println!("{numbers}");
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
