//! A sensor is read once a second, by an async block; its readings are filtered, mapped and collected.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::Stream;
use streams::{collect, filter, from_async, map, take};

const SECOND: Duration = Duration::from_secs(1);

/// What the sensor shows: 20, 21, 22, 20, 21, …
fn degrees(reading: u32) -> u32 {
    20 + reading % 3
}

// ANCHOR: block
/// The same readings, from an async block.
fn readings(handle: Handle) -> impl Stream<Item = u32> {
    from_async(async move |mut items| {
        for reading in 0.. {
            handle.sleep(SECOND).await;
            items.send(degrees(reading)).await;
        }
    })
}
// ANCHOR_END: block

// ANCHOR: comprehension
async fn warm(handle: Handle) {
    let warm = filter(readings(handle.clone()), |degrees| *degrees > 20);
    let in_fahrenheit = map(warm, |degrees| degrees * 9 / 5 + 32);
    let all: Vec<u32> = collect(take(in_fahrenheit, 3)).await;
    println!("{all:?}, collected at {}", handle.now());
}
// ANCHOR_END: comprehension

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(warm(event_loop.handle()));
}
