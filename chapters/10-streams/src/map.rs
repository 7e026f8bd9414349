//! A stream whose items go through a function.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;
use pin_project::pin_project;

/// Calls `function` on each item of `source`, and yields what it returns.
///
/// ```
/// use futures::stream;
/// use streams::{collect, map};
///
/// let doubled = map(stream::iter(1..=3), |number| number * 2);
/// assert_eq!(wakers::block_on(collect::<_, Vec<_>>(doubled)), [2, 4, 6]);
/// ```
// ANCHOR: map
pub fn map<S: Stream, T, F: FnMut(S::Item) -> T>(source: S, function: F) -> Map<S, F> {
    Map { source, function }
}

/// See [`map`].
///
/// # Cancel safety
///
/// It keeps no item. Dropping it drops the source.
#[must_use = "the source is polled only when this is"]
#[derive(Debug)]
#[pin_project]
pub struct Map<S, F> {
    #[pin]
    source: S,
    function: F,
}

impl<S: Stream, T, F: FnMut(S::Item) -> T> Stream for Map<S, F> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.project();
        let polled = this.source.poll_next(context);
        polled.map(|item| item.map(this.function))
    }
}
// ANCHOR_END: map
