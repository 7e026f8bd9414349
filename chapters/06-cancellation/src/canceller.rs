//! Cancelling from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use wakers::AtomicWaker;

/// Cancels a task from another thread. The task's future belongs to the loop's thread, so the loop
/// drops it there, in its next iteration. A clone cancels the same task.
#[derive(Debug, Clone)]
pub struct Canceller {
    remote: Arc<Remote>,
}

/// What the two threads share.
#[derive(Debug, Default)]
struct Remote {
    asked: AtomicBool,
    task: AtomicWaker,
}

impl Canceller {
    /// The canceller of a new task. A `Task` creates it; all methods but
    /// [`cancel`](Canceller::cancel) are for the `Task`.
    #[must_use]
    pub fn new() -> Canceller {
        Canceller {
            remote: Arc::default(),
        }
    }

    /// Requests the cancellation of the task. It may come too late; the result of the task says so.
    pub fn cancel(&self) {
        // Release: pairs with the Acquire in `asked`. The wake comes after the store, so the poll
        // that it causes sees the store. A task that registers later calls `asked` afterwards.
        self.remote.asked.store(true, Ordering::Release);
        self.remote.task.wake();
    }

    /// Whether the cancellation was requested.
    #[must_use]
    pub fn asked(&self) -> bool {
        self.remote.asked.load(Ordering::Acquire)
    }

    /// Registers the waker to call when the cancellation is requested.
    pub fn register(&self, waker: &Waker) {
        self.remote.task.register(waker);
    }

    /// Wakes the loop's part of the task, so that the loop drops it.
    pub fn wake(&self) {
        self.remote.task.wake();
    }

    /// Drops the waker: the task has finished.
    pub fn forget(&self) {
        drop(self.remote.task.take());
    }
}

impl Default for Canceller {
    fn default() -> Canceller {
        Canceller::new()
    }
}
