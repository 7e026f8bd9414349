//! The lines of a log in chunks of four, one chunk a second.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::Stream;
use streams::{chunks_timeout, from_async, next, throttle};

// ANCHOR: chunks
/// Five lines of a log at once, two more after 3 s; then the log waits for a minute.
fn log(handle: Handle) -> impl Stream<Item = u32> {
    from_async(async move |mut lines| {
        for line in 1..=7 {
            if line == 6 {
                handle.sleep(Duration::from_secs(3)).await;
            }
            lines.send(line).await;
        }
        handle.sleep(Duration::from_secs(60)).await;
    })
}

async fn in_chunks(handle: Handle) {
    let second = Duration::from_secs(1);
    let chunks = chunks_timeout(log(handle.clone()), handle.clone(), 4, second);
    let mut chunks = std::pin::pin!(throttle(chunks, handle.clone(), second));
    while let Some(chunk) = next(&mut chunks).await {
        println!("{chunk:?} at {}", handle.now());
    }
    println!("the end at {}", handle.now());
}
// ANCHOR_END: chunks

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(in_chunks(event_loop.handle()));
}
