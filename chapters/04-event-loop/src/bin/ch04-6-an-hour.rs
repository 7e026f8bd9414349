//! An hour on a clock that jumps, with three tasks that each run once: how often the loop sleeps, and
//! how often it only polls for events.

use std::time::Duration;

use event_loop::{EventLoop, JumpingDriver};

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let minutes = [5, 20, 60].map(|minutes| Duration::from_secs(60 * minutes));
        let tasks = minutes.map(|minutes| handle.spawn(handle.sleep(minutes)));
        for task in tasks {
            let _ = task.await;
        }
    });
    let driver = event_loop.driver();
    println!(
        "an hour with three timers: {} sleeps, {} looks",
        driver.sleeps(),
        driver.looks()
    );
}
// ANCHOR_END: main
