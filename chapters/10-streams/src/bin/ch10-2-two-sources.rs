//! Quotes that come without a pause, and one request to stop.

use std::pin::Pin;
use std::task::{Context, Poll};

use event_loop::{EventLoop, JumpingDriver};
use futures::{Stream, stream};
use streams::{map, merge, next};

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

async fn both_ways() {
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

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    event_loop.block_on(both_ways());
}
