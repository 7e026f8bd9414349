//! Pairs of items of two streams.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;
use pin_project::pin_project;

/// Yields the first items of both streams as a pair, then the second items, and so on. It ends when one
/// of the two does, and drops the other one's item that it may hold.
///
/// Both streams are polled side by side: the wait for a pair is as long as the longer of its two.
///
/// ```
/// use futures::stream;
/// use streams::{collect, zip};
///
/// let pairs = zip(stream::iter(["a", "b"]), stream::iter(1..));
/// assert_eq!(wakers::block_on(collect::<_, Vec<_>>(pairs)), [("a", 1), ("b", 2)]);
/// ```
// ANCHOR: zip
pub fn zip<A: Stream, B: Stream>(first: A, second: B) -> Zip<A, B> {
    Zip {
        first,
        second,
        held: (None, None),
    }
}

/// See [`zip`].
///
/// # Cancel safety
///
/// Dropping it drops both streams, and the item that waits for its partner.
#[must_use = "the streams are polled only when this is"]
#[pin_project]
pub struct Zip<A: Stream, B: Stream> {
    #[pin]
    first: A,
    #[pin]
    second: B,
    /// What has come of the next pair.
    held: (Option<A::Item>, Option<B::Item>),
}

impl<A: Stream, B: Stream> Stream for Zip<A, B> {
    type Item = (A::Item, B::Item);

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if ended(this.first, &mut this.held.0, context)
            || ended(this.second, &mut this.held.1, context)
        {
            *this.held = (None, None);
            return Poll::Ready(None);
        }
        match std::mem::take(this.held) {
            (Some(first), Some(second)) => Poll::Ready(Some((first, second))),
            held => {
                *this.held = held;
                Poll::Pending
            }
        }
    }
}

/// Polls a stream whose item is missing, and says whether it has ended.
fn ended<S: Stream>(
    source: Pin<&mut S>,
    held: &mut Option<S::Item>,
    context: &mut Context<'_>,
) -> bool {
    if held.is_none()
        && let Poll::Ready(item) = source.poll_next(context)
    {
        *held = item;
        return held.is_none();
    }
    false
}
// ANCHOR_END: zip

impl<A: Stream, B: Stream> std::fmt::Debug for Zip<A, B> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Zip")
            .field("first_held", &self.held.0.is_some())
            .field("second_held", &self.held.1.is_some())
            .finish()
    }
}
