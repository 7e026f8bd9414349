//! A stream without some of its items.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use pin_project::pin_project;

/// Yields the items for which `wanted` returns true. It drops the others.
///
/// One poll polls the source until an item is wanted, or until the source has none. So a source that
/// always has an item, none of which is wanted, keeps the task from returning to its loop.
///
/// ```
/// use futures::stream;
/// use streams::{collect, filter};
///
/// let odd = filter(stream::iter(1..=5), |number| number % 2 == 1);
/// assert_eq!(wakers::block_on(collect::<_, Vec<_>>(odd)), [1, 3, 5]);
/// ```
// ANCHOR: filter
pub fn filter<S: Stream, F: FnMut(&S::Item) -> bool>(source: S, wanted: F) -> Filter<S, F> {
    Filter { source, wanted }
}

/// See [`filter`].
///
/// # Cancel safety
///
/// It keeps no item. Dropping it drops the source.
#[must_use = "the source is polled only when this is"]
#[derive(Debug)]
#[pin_project]
pub struct Filter<S, F> {
    #[pin]
    source: S,
    wanted: F,
}

impl<S: Stream, F: FnMut(&S::Item) -> bool> Stream for Filter<S, F> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        while let Some(item) = ready!(this.source.as_mut().poll_next(context)) {
            if (this.wanted)(&item) {
                return Poll::Ready(Some(item));
            }
        }
        Poll::Ready(None)
    }
}
// ANCHOR_END: filter
