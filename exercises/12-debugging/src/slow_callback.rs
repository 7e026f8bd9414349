//! An observer that reports polls that take too long.

use std::fmt;
use std::time::Duration;

use event_loop::{End, Observer, Origin, Step, TaskId};

/// A poll that took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slow {
    /// The task that was polled.
    pub task: TaskId,
    /// Where it was spawned.
    pub origin: Origin,
    /// How long the poll took, on the loop's clock.
    pub took: Duration,
    /// How many other tasks were ready when it ended, and had to wait for it.
    pub waiting: usize,
    /// Whether the task finished in this poll.
    pub finished: bool,
}

/// An observer that calls `report` for each poll that takes `limit` or longer. The loop tells it how long:
/// see [`took`](Observer::took).
///
/// The report holds where the task was spawned, also if the task finished in this poll. It is made once for
/// each slow poll, for every slow poll of a task, and for no other step of the loop.
///
/// **Waiting** is a task from the moment at which it was [woken](Observer::woken) until its next poll
/// [begins](Observer::poll_begun) or it has [finished](Observer::task_finished), in whichever way. A task
/// that was spawned and not woken, such as a callback for later, does not wait. The slow task itself does
/// not count, also if it woke itself. Nor does a task that is woken after it has finished: another thread
/// may come too late.
///
/// `report` is called while nothing is locked. It may wake tasks and drop tasks, so other methods of this
/// observer are called inside of it. If it panics, the panic goes to the caller of `took`, and later polls
/// are reported as before.
///
/// Nothing is kept of a task that has finished, from the next call of `took` on. A task may also finish outside
/// of a step: another task's handle aborts it, or the loop is closed.
/// With 100,000 tasks each call takes about as long as with one.
///
/// ```
/// use debugging::slow_callback::SlowCallback;
/// use event_loop::{EventLoop, JumpingDriver};
/// use std::sync::mpsc;
/// use std::time::Duration;
///
/// let (send, slow) = mpsc::channel();
/// let limit = Duration::from_millis(100);
/// let observer = SlowCallback::new(limit, move |slow| send.send(*slow).unwrap());
/// let driver = JumpingDriver::new();
/// let event_loop = EventLoop::observed(driver.clone(), observer);
/// let task = event_loop.handle().spawn(async move { driver.spend(Duration::from_millis(250)) });
/// event_loop.block_on(task).unwrap();
/// assert_eq!(slow.try_recv().unwrap().took, Duration::from_millis(250));
/// ```
pub struct SlowCallback<R> {
    limit: Duration,
    report: R,
}

impl<R: Fn(&Slow) + Send + Sync + 'static> SlowCallback<R> {
    /// An observer that knows no task yet.
    #[must_use]
    pub fn new(limit: Duration, report: R) -> SlowCallback<R> {
        SlowCallback { limit, report }
    }
}

impl<R: Fn(&Slow) + Send + Sync + 'static> Observer for SlowCallback<R> {
    /// Asks the loop to measure its steps.
    fn measures(&self) -> bool {
        true
    }

    fn task_spawned_at(&self, task: TaskId, origin: Origin) {
        todo!("remember where it was spawned")
    }

    fn woken(&self, task: TaskId) {
        todo!("it waits from now on; other threads call this, too")
    }

    fn poll_begun(&self, task: TaskId) {
        todo!("it does not wait any more")
    }

    fn task_finished(&self, task: TaskId, _end: End) {
        todo!("it is gone; what may `took` still need of it?")
    }

    fn took(&self, step: Step, duration: Duration) {
        todo!("was it a poll, and did it take too long?")
    }
}

impl<R> fmt::Debug for SlowCallback<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SlowCallback")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
