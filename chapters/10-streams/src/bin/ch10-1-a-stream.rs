//! A sensor is read once a second, by a stream written by hand.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver, Sleep};
use futures::Stream;
use streams::{next, take};

const SECOND: Duration = Duration::from_secs(1);

/// What the sensor shows: 20, 21, 22, 20, 21, …
fn degrees(reading: u32) -> u32 {
    20 + reading % 3
}

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

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(print_readings(event_loop.handle()));
}
