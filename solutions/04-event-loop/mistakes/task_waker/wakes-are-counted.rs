//! Counts the wakes, and takes one off when a poll begins.
//!
//! A waker that puts its task into the queue: once, however often it is called.

use std::fmt;
use std::task::Wake;

use event_loop::TaskId;

use crate::sync::Arc;
use crate::sync::atomic::{AtomicUsize, Ordering};

/// Where a task goes when it is woken.
pub trait Schedule: Send + Sync + 'static {
    /// Puts the task at the end of the queue of those that are to be polled. From any thread.
    ///
    /// Whoever calls it holds no lock: it is somebody else's code, which may even poll the task.
    fn schedule(&self, task: TaskId);
}

/// What a task's waker points to, and what the loop keeps beside the task's future.
///
/// ```text
///            wake, which schedules
///   idle ───────────────────────────▶ queued ◀──┐
///     ▲                                │   └────┘ wake, which does nothing
///     └────────── begin_poll ──────────┘
/// ```
///
/// The step back is made *before* the poll and not after it: so a wake that comes while the task is
/// being polled is not lost, but queues it again. A task that is over stays queued for ever, as it
/// were ([`retire`](TaskWaker::retire)).
///
/// A wake counts also if it finds the task queued: what was written before it is seen by the poll that
/// is to come.
pub struct TaskWaker<S> {
    task: TaskId,
    wakes: AtomicUsize,
    queue: Arc<S>,
}

impl<S: Schedule> TaskWaker<S> {
    /// The waker of a task that nobody has woken yet.
    #[must_use]
    pub fn new(task: TaskId, queue: Arc<S>) -> Arc<TaskWaker<S>> {
        Arc::new(TaskWaker {
            task,
            wakes: AtomicUsize::new(0),
            queue,
        })
    }

    /// The loop has taken the task out of the queue and is about to poll it: from now on a wake queues
    /// it again.
    pub fn begin_poll(&self) {
        // ANCHOR: mistake
        self.wakes.fetch_sub(1, Ordering::Acquire);
        // ANCHOR_END: mistake
    }

    /// The task is over: a wake does nothing any more.
    pub fn retire(&self) {
        self.wakes.store(usize::MAX / 2, Ordering::Relaxed);
    }

    fn call(&self) {
        // Release, also for a wake that finds the task queued: what was written before it is seen by
        // the poll that is to come. Pairs with the Acquire in `begin_poll`.
        if self.wakes.fetch_add(1, Ordering::AcqRel) == 0 {
            self.queue.schedule(self.task);
        }
    }
}

impl<S: Schedule> Wake for TaskWaker<S> {
    fn wake(self: Arc<Self>) {
        self.call();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.call();
    }
}

impl<S> fmt::Debug for TaskWaker<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("TaskWaker").field(&self.task).finish()
    }
}
