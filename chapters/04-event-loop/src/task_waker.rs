//! A waker that puts its task into the queue: once, however often it is called.

use std::fmt;
use std::task::Wake;

use event_loop::TaskId;

use crate::sync::Arc;
// YOURS
use crate::sync::atomic::{AtomicBool, Ordering};
// STUB: // Locks and atomics: from `crate::sync`, in whose place the check puts its own.
// STUB: use crate::sync::{Mutex, atomic};
// YOURS_END

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
    // YOURS
    queued: AtomicBool,
    // YOURS_END
    queue: Arc<S>,
}

impl<S: Schedule> TaskWaker<S> {
    /// The waker of a task that nobody has woken yet.
    #[must_use]
    pub fn new(task: TaskId, queue: Arc<S>) -> Arc<TaskWaker<S>> {
        // YOURS
        Arc::new(TaskWaker {
            task,
            queued: AtomicBool::new(false),
            queue,
        })
        // STUB: Arc::new(TaskWaker { task, queue })
        // YOURS_END
    }

    // ANCHOR: begin_poll
    /// The loop has taken the task out of the queue and is about to poll it: from now on a wake queues
    /// it again.
    pub fn begin_poll(&self) {
        // YOURS
        // A swap, and no plain store: it must read the value to be the partner of the Release below.
        self.queued.swap(false, Ordering::Acquire);
        // STUB: todo!("from now on a wake queues it again")
        // YOURS_END
    }
    // ANCHOR_END: begin_poll

    /// The task is over: a wake does nothing any more.
    pub fn retire(&self) {
        // YOURS
        self.queued.store(true, Ordering::Relaxed);
        // STUB: todo!("from now on a wake does nothing")
        // YOURS_END
    }
    // YOURS

    // ANCHOR: call
    fn call(&self) {
        // Release, also for a wake that finds the task queued: what was written before it is seen by
        // the poll that is to come. Pairs with the Acquire in `begin_poll`.
        if !self.queued.swap(true, Ordering::Release) {
            self.queue.schedule(self.task);
        }
    }
    // ANCHOR_END: call
    // YOURS_END
}

impl<S: Schedule> Wake for TaskWaker<S> {
    fn wake(self: Arc<Self>) {
        // YOURS
        self.call();
        // STUB: todo!("queue the task, if it is not queued")
        // YOURS_END
    }
    // YOURS

    fn wake_by_ref(self: &Arc<Self>) {
        self.call();
    }
    // YOURS_END
}

impl<S> fmt::Debug for TaskWaker<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("TaskWaker").field(&self.task).finish()
    }
}
