//! The first items of a stream.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use pin_project::pin_project;

/// Yields the first `count` items, and then ends.
///
/// It does not poll the source after the last of them, and drops it when this stream is dropped.
///
/// ```
/// use futures::stream;
/// use streams::{collect, take};
///
/// let three = take(stream::repeat("tick"), 3);
/// assert_eq!(wakers::block_on(collect::<_, Vec<_>>(three)).len(), 3);
/// ```
// ANCHOR: take
pub fn take<S: Stream>(source: S, count: usize) -> Take<S> {
    Take {
        source,
        left: count,
    }
}

/// See [`take`].
///
/// # Cancel safety
///
/// It keeps no item. Dropping it drops the source.
#[must_use = "the source is polled only when this is"]
#[derive(Debug)]
#[pin_project]
pub struct Take<S> {
    #[pin]
    source: S,
    left: usize,
}

impl<S: Stream> Stream for Take<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if *this.left == 0 {
            return Poll::Ready(None);
        }
        let item = ready!(this.source.poll_next(context));
        // A source that has ended is not polled again.
        *this.left = if item.is_some() { *this.left - 1 } else { 0 };
        Poll::Ready(item)
    }
}
// ANCHOR_END: take
