//! A sensor is read once a second, into a list.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};

const SECOND: Duration = Duration::from_secs(1);

/// What the sensor shows: 20, 21, 22, 20, 21, …
fn degrees(reading: u32) -> u32 {
    20 + reading % 3
}

// ANCHOR: list
/// Four readings, as a list.
async fn list(handle: &Handle) -> Vec<u32> {
    let mut all = Vec::new();
    for reading in 0..4 {
        handle.sleep(SECOND).await;
        all.push(degrees(reading));
    }
    all
}

async fn print_list(handle: Handle) {
    for degrees in list(&handle).await {
        println!("{degrees} degrees, printed at {}", handle.now());
    }
}
// ANCHOR_END: list

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(print_list(event_loop.handle()));
}
