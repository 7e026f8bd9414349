//! The items of many streams as one stream, in the order in which they come.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use composition::ReadySet;
use futures::Stream;

/// Yields the items of all streams in the order in which the streams were woken.
///
/// A wake of one stream polls that stream alone. After an item its stream goes to the end of the queue,
/// so a stream that always has an item holds up another one for as many items as there are streams.
///
/// A stream that has ended is dropped in the same poll.
///
/// ```
/// use futures::stream;
/// use streams::{collect, merge_all};
///
/// let merged = merge_all([vec![1, 2], vec![10], vec![100, 200]].map(stream::iter));
/// assert_eq!(wakers::block_on(collect::<_, Vec<_>>(merged)), [1, 10, 100, 2, 200]);
/// ```
pub fn merge_all<S: Stream + Unpin>(streams: impl IntoIterator<Item = S>) -> MergeAll<S> {
    MergeAll {
        set: streams.into_iter().map(|it| IntoNext(Some(it))).collect(),
    }
}

/// See [`merge_all`].
///
/// # Panics
///
/// A poll panics with what a stream panics with. That stream is dropped, and the others stay.
///
/// # Cancel safety
///
/// It keeps no item. Dropping it drops the streams.
#[must_use = "the streams are polled only when this is"]
pub struct MergeAll<S> {
    set: ReadySet<IntoNext<S>>,
}

impl<S: Stream + Unpin> MergeAll<S> {
    /// Adds a stream, also while the others are in use.
    pub fn push(&mut self, stream: S) {
        self.set.push(IntoNext(Some(stream)));
    }
}

// ANCHOR: poll
impl<S: Stream + Unpin> Stream for MergeAll<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        while let Some((item, stream)) = ready!(Pin::new(&mut self.set).poll_next(context)) {
            if item.is_some() {
                self.push(stream);
                return Poll::Ready(item);
            }
        }
        Poll::Ready(None)
    }
}
// ANCHOR_END: poll

/// The next item of a stream, together with the stream.
struct IntoNext<S>(Option<S>);

impl<S: Stream + Unpin> Future for IntoNext<S> {
    type Output = (Option<S::Item>, S);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let stream = self.0.as_mut().expect("polled after it was ready");
        let item = ready!(Pin::new(stream).poll_next(context));
        let stream = self.0.take().expect("it was polled above");
        Poll::Ready((item, stream))
    }
}

impl<S> fmt::Debug for MergeAll<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("MergeAll").finish_non_exhaustive()
    }
}
