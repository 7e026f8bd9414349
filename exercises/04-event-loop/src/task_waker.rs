//! A waker that schedules its task once, however often it is called.

use std::fmt;
use std::task::Wake;

use event_loop::TaskId;

use crate::sync::Arc;
// Locks and atomics: from `crate::sync`, in whose place the check puts its own.
use crate::sync::{Mutex, atomic};

/// Where a task goes when it is woken.
pub trait Schedule: Send + Sync + 'static {
    /// Appends the task to the queue of tasks to be polled. May be called from any thread.
    ///
    /// The caller holds no lock: `schedule` is caller-supplied code, which may even poll the task.
    fn schedule(&self, task: TaskId);
}

/// A task's waker. The loop keeps a reference to it beside the task's future.
///
/// ```text
///            wake, which schedules
///   idle ───────────────────────────▶ queued ◀──┐
///     ▲                                │   └────┘ wake, which does nothing
///     └────────── begin_poll ──────────┘
/// ```
///
/// The loop calls `begin_poll` *before* the poll. So a wake during the poll finds the task idle and
/// schedules it again. After [`retire`](TaskWaker::retire) no wake schedules it.
///
/// A wake that finds the task queued schedules nothing, and still publishes: the poll after the next
/// `begin_poll` sees what its thread wrote before it. With atomics, that takes orderings.
pub struct TaskWaker<S> {
    task: TaskId,
    queue: Arc<S>,
}

impl<S: Schedule> TaskWaker<S> {
    /// The waker of a task that has not been woken yet.
    #[must_use]
    pub fn new(task: TaskId, queue: Arc<S>) -> Arc<TaskWaker<S>> {
        Arc::new(TaskWaker { task, queue })
    }

    /// The loop calls this when it has taken the task out of the queue, before it polls the task. From
    /// now on a wake schedules it again. The loop never calls this after [`retire`](TaskWaker::retire).
    pub fn begin_poll(&self) {
        todo!("from now on a wake schedules it again")
    }

    /// The task has completed: from now on a wake schedules nothing.
    pub fn retire(&self) {
        todo!("from now on a wake schedules nothing")
    }
}

impl<S: Schedule> Wake for TaskWaker<S> {
    fn wake(self: Arc<Self>) {
        todo!("schedule the task, if it is not queued")
    }
}

impl<S> fmt::Debug for TaskWaker<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("TaskWaker").field(&self.task).finish()
    }
}
