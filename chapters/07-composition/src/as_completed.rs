//! The outputs of a list of futures, in the order in which they are ready.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;

use crate::ReadySet;
use crate::indexed::{Indexed, indexed};

/// Polls all futures side by side, and yields each output as soon as it is there, with the place of
/// its future in the list. This is asyncio's `as_completed`.
///
/// Outputs that are there at the same moment come in the order in which their futures were woken.
///
/// ```
/// use composition::as_completed;
/// use event_loop::{EventLoop, JumpingDriver};
/// use futures::StreamExt;
/// use std::time::Duration;
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let handle = event_loop.handle();
/// let sleeps = [3, 1, 2].map(|seconds| handle.sleep(Duration::from_secs(seconds)));
/// let order: Vec<_> = event_loop.block_on(as_completed(sleeps).collect());
/// assert_eq!(order, [(1, ()), (2, ()), (0, ())]);
/// ```
pub fn as_completed<F: Future>(futures: impl IntoIterator<Item = F>) -> AsCompleted<F> {
    AsCompleted {
        set: indexed(futures).collect(),
    }
}

/// See [`as_completed`].
///
/// # Panics
///
/// With what a future panics with. The other futures stay.
///
/// # Cancel safety
///
/// Dropping it drops the futures that are not ready. `StreamExt::next` may be dropped at any time and
/// loses nothing.
#[must_use = "the futures are polled only when this is"]
pub struct AsCompleted<F> {
    set: ReadySet<Indexed<F>>,
}

impl<F: Future> AsCompleted<F> {
    /// How many outputs are still to come.
    #[must_use]
    pub fn len(&self) -> usize {
        self.set.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }
}

impl<F: Future> Stream for AsCompleted<F> {
    type Item = (usize, F::Output);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.set).poll_next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.len(), Some(self.len()))
    }
}

impl<F: Future> std::fmt::Debug for AsCompleted<F> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AsCompleted")
            .field("len", &self.len())
            .finish()
    }
}
