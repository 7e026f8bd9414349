//! A reference to a task's waker that does not keep it.

use std::fmt;
use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};

use event_loop::{Schedule, TaskWaker};

/// A task's waker, for an observer. It does not keep the waker alive, so an observer can count the wakers
/// that others keep. A clone refers to the same waker.
#[derive(Clone)]
pub struct WeakWaker {
    waker: Weak<dyn Upgrade>,
}

trait Upgrade: Send + Sync {
    fn waker(self: Arc<Self>) -> Waker;
}

impl<S: Schedule> Upgrade for TaskWaker<S> {
    fn waker(self: Arc<Self>) -> Waker {
        Waker::from(self)
    }
}

impl WeakWaker {
    pub(crate) fn of<S: Schedule>(waker: &Arc<TaskWaker<S>>) -> WeakWaker
    where
        TaskWaker<S>: Wake,
    {
        let weak = Arc::downgrade(waker);
        WeakWaker { waker: weak }
    }

    /// The waker; `None` if it does not exist any more.
    #[must_use]
    pub fn upgrade(&self) -> Option<Waker> {
        Some(self.waker.upgrade()?.waker())
    }

    /// How many wakers of the task exist. While the task has not completed, the loop keeps two itself.
    #[must_use]
    pub fn count(&self) -> usize {
        self.waker.strong_count()
    }
}

impl fmt::Debug for WeakWaker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("WeakWaker").field(&self.count()).finish()
    }
}
