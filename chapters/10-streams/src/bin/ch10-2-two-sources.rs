//! Quotes that come without a pause, and one request to stop; then an interval whose task is late.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::{Stream, stream};
use streams::{
    MissedTicks, chunks_timeout, from_async, interval, map, merge, next, take, throttle,
};

// ANCHOR: messages
#[derive(Debug)]
enum Message {
    Quote(u32),
    Stop,
}

/// A thousand quotes, of which the next one is always there.
fn quotes() -> impl Stream<Item = Message> + Unpin {
    map(stream::iter(1..=1_000), Message::Quote)
}

/// One request to stop, which is there from the start.
fn stop() -> impl Stream<Item = Message> + Unpin {
    stream::iter([Message::Stop])
}
// ANCHOR_END: messages

// ANCHOR: first_first
/// Yields the items of `first`, and those of `second` when `first` has none.
struct FirstFirst<A, B> {
    first: A,
    second: B,
}

impl<A, B> Stream for FirstFirst<A, B>
where
    A: Stream + Unpin,
    B: Stream<Item = A::Item> + Unpin,
{
    type Item = A::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<A::Item>> {
        match Pin::new(&mut self.first).poll_next(context) {
            Poll::Ready(Some(item)) => Poll::Ready(Some(item)),
            Poll::Ready(None) | Poll::Pending => Pin::new(&mut self.second).poll_next(context),
        }
    }
}
// ANCHOR_END: first_first

// ANCHOR: handled
/// How many quotes are handled before the stop.
async fn handled(mut messages: impl Stream<Item = Message> + Unpin) -> u32 {
    let mut count = 0;
    while let Some(Message::Quote(number)) = next(&mut messages).await {
        count = number;
    }
    count
}

async fn both_ways(_: Handle) {
    let first_first = FirstFirst {
        first: quotes(),
        second: stop(),
    };
    println!(
        "first, then second  {:>4} quotes before the stop",
        handled(first_first).await
    );
    let merged = merge(quotes(), stop());
    println!(
        "merge               {:>4} quotes before the stop",
        handled(merged).await
    );
}
// ANCHOR_END: handled

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
    run(both_ways);
    println!("\nticks of 10 s, of which the first is handled for 34 s; yielded at:");
    run(late);
    println!("\nlines in chunks of 4, one chunk a second:");
    run(in_chunks);
}

/// Each part on a loop of its own, so that each begins at 0.
fn run<F: Future<Output = ()>>(part: impl FnOnce(Handle) -> F) {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(part(event_loop.handle()));
}
