//! The next item of a stream, as a future.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;

/// Waits for the next item: `None` if the stream has ended.
///
/// A loop over it is asyncio's `async for`:
///
/// ```
/// use futures::stream;
/// use streams::next;
///
/// wakers::block_on(async {
///     let mut letters = stream::iter(["a", "b"]);
///     let mut seen = String::new();
///     while let Some(letter) = next(&mut letters).await {
///         seen += letter;
///     }
///     assert_eq!(seen, "ab");
/// });
/// ```
// ANCHOR: next
pub fn next<S: Stream + Unpin>(stream: &mut S) -> Next<'_, S> {
    Next { stream }
}

/// See [`next`].
///
/// # Cancel safety
///
/// It only borrows the stream. Dropping it loses no item.
#[must_use = "a future does nothing until it is polled"]
#[derive(Debug)]
pub struct Next<'a, S> {
    stream: &'a mut S,
}

impl<S: Stream + Unpin> Future for Next<'_, S> {
    type Output = Option<S::Item>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        Pin::new(&mut *self.stream).poll_next(context)
    }
}
// ANCHOR_END: next
