//! A sensor is read once a second: into a list, by a stream written by hand, and by an async block.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Sleep};
use futures::Stream;
use streams::{collect, filter, from_async, map, next, take};

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

// ANCHOR: by_hand
/// Readings without end.
struct Readings {
    handle: Handle,
    reading: u32,
    /// Until the next reading.
    sleep: Sleep,
}

impl Stream for Readings {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u32>> {
        ready!(Pin::new(&mut self.sleep).poll(context));
        self.sleep = self.handle.sleep(SECOND);
        let reading = self.reading;
        self.reading += 1;
        Poll::Ready(Some(degrees(reading)))
    }
}
// ANCHOR_END: by_hand

// ANCHOR: async_for
async fn print_readings(handle: Handle) {
    let readings = Readings {
        sleep: handle.sleep(SECOND),
        reading: 0,
        handle: handle.clone(),
    };
    let mut four = take(readings, 4);
    while let Some(degrees) = next(&mut four).await {
        println!("{degrees} degrees, printed at {}", handle.now());
    }
}
// ANCHOR_END: async_for

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
    println!("As a list:");
    run(print_list);
    println!("As a stream:");
    run(print_readings);
    println!("Filtered, mapped and collected:");
    run(warm);
}

/// Each part on a loop of its own, so that each begins at 0.
fn run<F: Future<Output = ()>>(part: impl FnOnce(Handle) -> F) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(part(event_loop.handle()));
}
