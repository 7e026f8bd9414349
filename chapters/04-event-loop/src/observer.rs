//! Whoever wants to know what the loop does.

use std::task::Waker;
use std::time::Duration;

use event_loop::{TaskId, Time, TimerKey};

/// Is told of everything that a loop does, while it does it. Every method does nothing unless it is
/// written anew; the compiler then leaves the call out, so a loop without an observer pays nothing.
///
/// asyncio's debug mode and tokio's console hang on such a hook.
///
/// [`woken`](Observer::woken) may come from any thread, the others come from the loop's. None of them
/// may call the loop.
///
/// # Panics
///
/// A panic in `poll_with` is the task's own. One in `woken` goes to the caller of the waker. Any other
/// leaves the loop's run when the iteration ends; everything that is ready runs before that.
pub trait Observer: Send + Sync + 'static {
    /// A turn begins.
    fn turn_begun(&self) {}

    /// There is a new task.
    fn task_spawned(&self, _task: TaskId) {}

    /// Somebody called the task's waker, and the task went into the ready queue. A wake of a task that
    /// is in there already is not reported.
    fn woken(&self, _task: TaskId) {}

    /// The task's future is about to be polled.
    fn poll_begun(&self, _task: TaskId) {}

    /// The task's future is polled, with this waker: an observer that wants to know who keeps it hands
    /// on another, which passes each wake on to this one.
    fn poll_with<R>(&self, _task: TaskId, waker: &Waker, poll: impl FnOnce(&Waker) -> R) -> R {
        poll(waker)
    }

    /// The task's future was polled; it was ready if `ready`.
    fn polled(&self, _task: TaskId, _ready: bool) {}

    /// The task is over, and its future is dropped.
    fn task_finished(&self, _task: TaskId, _end: End) {}

    /// Somebody waits for a time.
    fn timer_set(&self, _timer: TimerKey, _when: Time) {}

    /// The time has come.
    fn timer_fired(&self, _timer: TimerKey) {}

    /// Nobody waits for it any more.
    fn timer_dropped(&self, _timer: TimerKey) {}

    /// The loop is about to ask its driver to sleep; with a time-out of zero only to look for events.
    fn parked(&self, _timeout: Option<Duration>) {}

    /// The driver has returned.
    fn unparked(&self) {}
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Its future was ready.
    Ready,
    /// Its future panicked.
    Panicked,
    /// Its future was dropped before it was ready.
    Dropped,
}

/// Nobody wants to know.
impl Observer for () {}

impl End {
    /// How a task ended whose last poll gave this.
    pub(crate) fn of<T>(output: &std::thread::Result<T>) -> End {
        match output {
            Ok(_) => End::Ready,
            Err(_) => End::Panicked,
        }
    }
}
