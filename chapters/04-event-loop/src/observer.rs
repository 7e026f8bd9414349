//! Observers, to which the loop reports each step.

use std::task::Waker;
use std::time::Duration;

use event_loop::{Origin, TaskId, Time, TimerKey, WeakWaker};

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

    /// A task was spawned, and this is where. Calls [`task_spawned`](Observer::task_spawned), unless an
    /// observer that uses the origin does something else.
    fn task_spawned_at(&self, task: TaskId, _origin: Origin) {
        self.task_spawned(task);
    }

    /// The waker of the task that was spawned. Reported once, after the call above.
    fn task_waker(&self, _task: TaskId, _waker: WeakWaker) {}

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

    /// Whether the loop measures its steps for [`took`](Observer::took). Asked before each of them.
    fn measures(&self) -> bool {
        false
    }

    /// Whether it is enough to measure them by [`Driver::coarse_now`](event_loop::Driver::coarse_now). Then
    /// a duration may be wrong by a step of that clock.
    fn measures_coarsely(&self) -> bool {
        false
    }

    /// A step took this long on the loop's clock. Reported after the other calls about that step: for a
    /// task that completed in it, after [`task_finished`](Observer::task_finished).
    ///
    /// The driver's clock is read once a step, so that a simulated clock measures simulated steps. The end
    /// of a step is the begin of the next.
    fn took(&self, _step: Step, _duration: Duration) {}

    /// The loop is being closed: the tasks that it still has are dropped next. Reported once.
    fn close_begun(&self) {}

    /// The loop is closed, and its tasks are dropped, except one that is being polled.
    fn closed(&self) {}
}

/// What the loop does in an iteration, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Parks the driver with this time-out.
    Park(Option<Duration>),
    /// Polls a task, and drops its future if that completed.
    Poll(TaskId),
    /// Calls a callback that another thread sent.
    Call,
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
    #[must_use]
    pub fn of<T>(output: &std::thread::Result<T>) -> End {
        match output {
            Ok(_) => End::Ready,
            Err(_) => End::Panicked,
        }
    }
}
