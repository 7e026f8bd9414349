//! An interval whose task is late, in three ways; then a log in chunks, one a second.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::Stream;
use streams::{MissedTicks, chunks_timeout, from_async, interval, next, take, throttle};

// ANCHOR: late
/// Ticks of 10 s. The first takes this task 34 s.
async fn late(handle: Handle) {
    for missed in [MissedTicks::Burst, MissedTicks::Delay, MissedTicks::Skip] {
        let start = handle.now();
        let period = Duration::from_secs(10);
        let mut ticks = take(interval(handle.clone(), period, missed), 6);
        print!("{:<6}", format!("{missed:?}"));
        let mut first = true;
        while next(&mut ticks).await.is_some() {
            print!(" {:>4}", format!("{:?}", handle.now() - start));
            if std::mem::take(&mut first) {
                handle.sleep(Duration::from_secs(34)).await;
            }
        }
        println!();
    }
}
// ANCHOR_END: late

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
    println!("ticks of 10 s, of which the first is handled for 34 s; yielded at:");
    run(late);
    println!("\nlines in chunks of 4, one chunk a second:");
    run(in_chunks);
}

/// Each part on a loop of its own, so that each begins at 0.
fn run<F: Future<Output = ()>>(part: impl FnOnce(Handle) -> F) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(part(event_loop.handle()));
}
