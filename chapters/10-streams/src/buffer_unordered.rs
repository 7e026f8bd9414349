//! A stream of futures, of which several are in flight; their outputs as they come.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use composition::ReadySet;
use futures::Stream;

/// Runs the futures of `source` side by side, at most `limit` of them, and yields each output as soon as
/// it is there.
///
/// A future is in flight until its output is yielded. A slow future keeps one place, and the others go
/// on through the rest: nothing waits for it. As in [`buffered`](crate::buffered()), the source is
/// polled only in a poll of this stream, while fewer than `limit` futures are in flight.
///
/// ```
/// use event_loop::{EventLoop, JumpingDriver};
/// use futures::stream;
/// use std::time::Duration;
/// use streams::{buffer_unordered, collect};
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let handle = event_loop.handle();
/// let jobs = stream::iter([3, 1, 1]).map(|seconds| {
///     let sleep = handle.sleep(Duration::from_secs(seconds));
///     async move {
///         sleep.await;
///         seconds
///     }
/// });
/// assert_eq!(event_loop.block_on(collect::<_, Vec<_>>(buffer_unordered(jobs, 2))), [1, 1, 3]);
/// # use futures::StreamExt;
/// ```
///
/// # Panics
///
/// If `limit` is 0.
// ANCHOR: buffer_unordered
pub fn buffer_unordered<S>(source: S, limit: usize) -> BufferUnordered<S>
where
    S: Stream<Item: Future> + Unpin,
{
    assert!(limit > 0, "a future needs a place to be in flight");
    BufferUnordered {
        source: Some(source),
        limit,
        running: ReadySet::new(),
    }
}

/// See [`buffer_unordered`].
///
/// # Panics
///
/// A poll panics with what a future or the source panics with. A future that panics leaves its place.
///
/// # Cancel safety
///
/// Dropping it drops the futures in flight. [`next`](crate::next()) may be dropped and loses nothing.
/// As with [`buffered`](crate::buffered()), a future in flight goes on only while this is polled.
#[must_use = "the futures are polled only when this is"]
pub struct BufferUnordered<S: Stream> {
    /// `None` after its end.
    source: Option<S>,
    limit: usize,
    running: ReadySet<S::Item>,
}

impl<S: Stream<Item: Future> + Unpin> Stream for BufferUnordered<S> {
    type Item = <S::Item as Future>::Output;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        while let Some(source) = &mut this.source
            && this.running.len() < this.limit
        {
            match Pin::new(source).poll_next(context) {
                Poll::Ready(Some(future)) => this.running.push(future),
                Poll::Ready(None) => this.source = None,
                Poll::Pending => break,
            }
        }
        match Pin::new(&mut this.running).poll_next(context) {
            Poll::Ready(None) if this.source.is_some() => Poll::Pending,
            polled => polled,
        }
    }
}
// ANCHOR_END: buffer_unordered

/// It may be moved: each future is in a box of its own.
impl<S: Stream> Unpin for BufferUnordered<S> {}

impl<S: Stream> fmt::Debug for BufferUnordered<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("BufferUnordered")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
