//! Items in chunks: full ones, and after a while also those that are not full.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::Timer;
use futures::Stream;
use pin_project::pin_project;

/// Gathers the items of `source` in chunks of `capacity`. A chunk that is not full is yielded when
/// `patience` has passed since its first item came, and when the source ends.
///
/// No chunk is empty: while the source has no item, no time counts.
///
/// ```
/// use event_loop::{EventLoop, JumpingDriver};
/// use futures::stream;
/// use std::time::Duration;
/// use streams::{chunks_timeout, collect};
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let second = Duration::from_secs(1);
/// let chunks = chunks_timeout(stream::iter(1..=5), event_loop.handle(), 2, second);
/// let chunks: Vec<_> = event_loop.block_on(collect(chunks));
/// assert_eq!(chunks, [vec![1, 2], vec![3, 4], vec![5]]);
/// ```
///
/// # Panics
///
/// If `capacity` is 0.
pub fn chunks_timeout<S: Stream, T: Timer>(
    source: S,
    timer: T,
    capacity: usize,
    patience: Duration,
) -> ChunksTimeout<S, T> {
    assert!(capacity > 0, "a chunk has room for an item");
    ChunksTimeout {
        source: Some(source),
        timer,
        capacity,
        patience,
        chunk: Vec::new(),
        sleep: None,
    }
}

/// See [`chunks_timeout`].
///
/// # Cancel safety
///
/// Dropping it drops the source, and the items of the chunk that is not full.
/// [`next`](crate::next()) may be dropped at any time and loses nothing.
#[must_use = "the source is polled only when this is"]
#[pin_project]
pub struct ChunksTimeout<S: Stream, T: Timer> {
    /// `None` after its end.
    #[pin]
    source: Option<S>,
    timer: T,
    capacity: usize,
    patience: Duration,
    chunk: Vec<S::Item>,
    /// For how long the chunk waits for more. There is one when the chunk has an item.
    sleep: Option<T::Sleep>,
}

// ANCHOR: poll
impl<S: Stream, T: Timer> Stream for ChunksTimeout<S, T> {
    type Item = Vec<S::Item>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Vec<S::Item>>> {
        let mut this = self.project();
        while let Some(source) = this.source.as_mut().as_pin_mut() {
            match source.poll_next(context) {
                Poll::Ready(Some(item)) => this.chunk.push(item),
                Poll::Ready(None) => this.source.set(None),
                Poll::Pending => break,
            }
            if this.chunk.len() == 1 {
                *this.sleep = Some(this.timer.sleep(*this.patience));
            }
            if this.chunk.len() == *this.capacity {
                break;
            }
        }
        let is_full = this.chunk.len() == *this.capacity || this.source.is_none();
        let waits = |sleep: &mut T::Sleep| Pin::new(sleep).poll(context).is_pending();
        if !is_full && this.sleep.as_mut().is_none_or(waits) {
            return Poll::Pending;
        }
        *this.sleep = None;
        let chunk = std::mem::take(this.chunk);
        Poll::Ready((!chunk.is_empty()).then_some(chunk))
    }
}
// ANCHOR_END: poll

impl<S: Stream, T: Timer> fmt::Debug for ChunksTimeout<S, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ChunksTimeout")
            .field("gathered", &self.chunk.len())
            .field("capacity", &self.capacity)
            .finish()
    }
}
