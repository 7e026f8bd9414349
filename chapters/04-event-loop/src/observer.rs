//! Observers, to which the loop reports each step.

use std::task::Waker;
use std::time::Duration;

use event_loop::{TaskId, Time, TimerKey};

/// Receives a call for each step of the loop. Every method has an empty default, which the compiler
/// inlines away: a loop without an observer pays nothing.
///
/// asyncio's debug mode and tokio's console use hooks like these.
///
/// [`woken`](Observer::woken) may come from any thread, the others come from the loop's. None of them
/// may call the loop.
///
/// # Panics
///
/// A panic in `poll_with` is the task's own. One in `woken` goes to the caller of the waker. Any other
/// leaves the loop's run when the iteration ends; everything that is ready runs before that.
pub trait Observer: Send + Sync + 'static {
    /// An iteration begins.
    fn turn_begun(&self) {}

    /// A task was spawned.
    fn task_spawned(&self, _task: TaskId) {}

    /// The task's waker was called, and the task entered the ready queue. A wake of a task that is in the
    /// queue already is not reported.
    fn woken(&self, _task: TaskId) {}

    /// The task's future is about to be polled.
    fn poll_begun(&self, _task: TaskId) {}

    /// The task's future is polled with this waker. An observer that records which code keeps the waker
    /// passes another one to `poll`, which forwards each wake to this one.
    fn poll_with<R>(&self, _task: TaskId, waker: &Waker, poll: impl FnOnce(&Waker) -> R) -> R {
        poll(waker)
    }

    /// The task's future was polled; it was ready if `ready`.
    fn polled(&self, _task: TaskId, _ready: bool) {}

    /// The task has completed, and its future is dropped.
    fn task_finished(&self, _task: TaskId, _end: End) {}

    /// A timer was set.
    fn timer_set(&self, _timer: TimerKey, _when: Time) {}

    /// The timer fired.
    fn timer_fired(&self, _timer: TimerKey) {}

    /// The timer was removed before it fired.
    fn timer_dropped(&self, _timer: TimerKey) {}

    /// The loop is about to ask its driver to sleep, or, with a time-out of zero, to poll for events.
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

/// The observer of a loop that has none.
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
