//! A stream of futures, of which several are in flight; their outputs in order.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use composition::ReadySet;
use futures::Stream;

/// Runs the futures of `source` side by side, at most `limit` of them, and yields their outputs in the
/// order of the source.
///
/// A future is **in flight** from the moment in which it is taken from the source until its output is
/// yielded. The source is polled only in a poll of this stream, only while fewer than `limit` futures are
/// in flight, and not after its end.
///
/// One poll
///
/// - takes futures from the source until `limit` are in flight, or the source has none now;
/// - polls the futures that were just taken, or woken since their last poll, and no other, and drops each
///   that is ready;
/// - yields at most one output, that of the oldest future in flight.
///
/// It is pending if the oldest future in flight is, or if none is in flight and the source is pending.
/// It ends when the source has ended and no future is in flight. A poll after that returns `Ready(None)`
/// again.
///
/// ```
/// use futures::stream;
/// use std::future::ready;
/// use streams::{buffered, collect};
///
/// let squares = buffered(stream::iter((1..=4).map(|number| ready(number * number))), 2);
/// assert_eq!(wakers::block_on(collect::<_, Vec<_>>(squares)), [1, 4, 9, 16]);
/// ```
///
/// # Panics
///
/// If `limit` is 0: no future would ever be taken. `usize::MAX` is no limit, and reserves no memory.
pub fn buffered<S>(source: S, limit: usize) -> Buffered<S>
where
    S: Stream<Item: Future> + Unpin,
{
    todo!("no future is in flight yet")
}

/// See [`buffered`].
///
/// # Panics
///
/// A poll panics with what a future or the source panics with.
///
/// # Cancel safety
///
/// Dropping it drops the futures in flight, and the outputs that were not yielded. A future that
/// borrows it, such as [`next`](crate::next()), loses nothing when it is dropped.
///
/// A future in flight goes on only while this stream is polled. In the body of a loop over this stream,
/// it is not: see the chapter.
#[must_use = "the futures are polled only when this is"]
pub struct Buffered<S: Stream<Item: Future>> {
    limit: usize,
    source: S,
    running: ReadySet<S::Item>, // Yours to replace.
}

impl<S> Stream for Buffered<S>
where
    S: Stream<Item: Future> + Unpin,
{
    type Item = <S::Item as Future>::Output;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        todo!("take, poll, yield")
    }
}

/// It may be moved: each future is in a box of its own.
impl<S: Stream<Item: Future>> Unpin for Buffered<S> {}

impl<S: Stream<Item: Future>> fmt::Debug for Buffered<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Buffered")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
