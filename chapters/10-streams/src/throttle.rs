//! A stream that yields at most one item in a period.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use event_loop::Timer;
use futures::Stream;
use pin_project::pin_project;

/// Yields the items of `source`, each at least `pause` after the one before.
///
/// The first item has no pause before it. During a pause the source is not polled, so nothing is lost
/// and nothing is kept: a source that can be held back is held back.
///
/// ```
/// use event_loop::{EventLoop, JumpingDriver};
/// use futures::stream;
/// use std::time::Duration;
/// use streams::{collect, throttle};
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let slow = throttle(stream::iter(1..=4), event_loop.handle(), Duration::from_secs(1));
/// let all: Vec<_> = event_loop.block_on(collect(slow));
/// assert_eq!((all.len(), event_loop.handle().now().to_string()), (4, "4s".to_owned()));
/// ```
// ANCHOR: throttle
pub fn throttle<S: Stream, T: Timer>(source: S, timer: T, pause: Duration) -> Throttle<S, T> {
    Throttle {
        source,
        timer,
        pause,
        sleep: None,
    }
}

/// See [`throttle`].
///
/// # Cancel safety
///
/// It keeps no item. Dropping it drops the source and its timer.
#[must_use = "the source is polled only when this is"]
#[pin_project]
pub struct Throttle<S, T: Timer> {
    #[pin]
    source: S,
    timer: T,
    pause: Duration,
    /// The pause that the last item has begun.
    sleep: Option<T::Sleep>,
}

impl<S: Stream, T: Timer> Stream for Throttle<S, T> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        if let Some(sleep) = this.sleep {
            ready!(Pin::new(sleep).poll(context));
            *this.sleep = None;
        }
        let item = ready!(this.source.poll_next(context));
        *this.sleep = item.is_some().then(|| this.timer.sleep(*this.pause));
        Poll::Ready(item)
    }
}
// ANCHOR_END: throttle

impl<S, T: Timer> fmt::Debug for Throttle<S, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Throttle")
            .field("pause", &self.pause)
            .field("pauses", &self.sleep.is_some())
            .finish()
    }
}
