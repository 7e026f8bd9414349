//! Cancelling from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use wakers::AtomicWaker;

/// What another thread may hold of a task: it can ask for its cancellation. The task's future
/// belongs to the loop's thread, so it is dropped there, in the loop's next turn. A clone is the
/// same.
#[derive(Debug, Clone)]
pub struct Canceller {
    remote: Arc<Remote>,
}

/// What the two threads have in common.
#[derive(Debug, Default)]
struct Remote {
    asked: AtomicBool,
    task: AtomicWaker,
}

impl Canceller {
    /// For a task that nobody has asked to end yet. Tasks make it, and the other methods but
    /// [`cancel`](Canceller::cancel) are for them alone.
    #[must_use]
    pub fn new() -> Canceller {
        Canceller {
            remote: Arc::default(),
        }
    }

    /// Asks for the task's cancellation. It may come too late, which the one who awaits the task
    /// will see.
    pub fn cancel(&self) {
        // Pairs with the Acquire in `asked`. The wake comes after it, so the poll that it causes sees
        // it; and if the task was not waiting yet, it looks after it has registered.
        self.remote.asked.store(true, Ordering::Release);
        self.remote.task.wake();
    }

    /// Whether somebody has asked.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.remote.asked.load(Ordering::Acquire)
    }

    /// This is to be woken when somebody asks.
    pub fn register(&self, waker: &Waker) {
        self.remote.task.register(waker);
    }

    /// Wakes the task, so that the loop lets go of it.
    pub fn wake(&self) {
        self.remote.task.wake();
    }

    /// The task is over: it need not be woken any more.
    pub fn forget(&self) {
        drop(self.remote.task.take());
    }
}

impl Default for Canceller {
    fn default() -> Canceller {
        Canceller::new()
    }
}
