//! A reference to a task's waker that does not keep it.

use std::fmt;
use std::sync::{Arc, Weak};
use std::task::Waker;

use event_loop::{Schedule, TaskWaker};

/// A task's waker, for an observer. It does not keep the waker alive, so an observer can count the wakers
/// that others keep. A clone refers to the same waker.
#[derive(Clone)]
pub struct WeakWaker {
    waker: Weak<dyn Watched>,
}

/// What the wakers of one task have in common, and a [`WeakWaker`] refers to.
pub trait Watched: Send + Sync {
    /// One more waker, if there is any.
    fn waker(self: Arc<Self>) -> Option<Waker>;

    /// How many wakers there are: see [`WeakWaker::count`].
    fn count(self: Arc<Self>) -> usize;
}

impl<S: Schedule> Watched for TaskWaker<S> {
    fn waker(self: Arc<Self>) -> Option<Waker> {
        Some(Waker::from(self))
    }

    fn count(self: Arc<Self>) -> usize {
        Arc::strong_count(&self) - 1 // Without the one that asks.
    }
}

impl WeakWaker {
    /// A reference to what these wakers have in common.
    #[must_use]
    pub fn of<W: Watched + 'static>(wakers: &Arc<W>) -> WeakWaker {
        let weak = Arc::downgrade(wakers);
        WeakWaker { waker: weak }
    }

    /// The waker; `None` if it does not exist any more.
    #[must_use]
    pub fn upgrade(&self) -> Option<Waker> {
        self.waker.upgrade()?.waker()
    }

    /// How many wakers of the task exist. While the task has not completed, the loop keeps two itself.
    #[must_use]
    pub fn count(&self) -> usize {
        self.waker.upgrade().map_or(0, Watched::count)
    }
}

impl fmt::Debug for WeakWaker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("WeakWaker").field(&self.count()).finish()
    }
}
