//! The interface between a loop and its handles.

use std::cell::RefCell;
use std::mem;
use std::task::Waker;

use event_loop::{Accept, BoxedTask, Origin, TaskId, Time, TimerKey, Timers, Unretrieved};

use crate::sync::Arc;

/// What a [`Handle`](crate::Handle) asks of its loop. A loop that implements it has the handles, joins,
/// sleeps and callbacks of this chapter: chapter 14's faster loop does.
///
/// A handle calls it on the loop's own thread only.
pub trait Hub {
    /// The time on the loop's clock.
    fn now(&self) -> Time;

    /// Keeps a future, and returns its id and its waker. The loop polls the future once that waker is
    /// called. `None`, and the future is dropped, if the loop is closed.
    fn add_task(&self, future: BoxedTask, origin: Origin) -> Option<(TaskId, Waker)>;

    /// Drops a task's future: at once if it is suspended, or after its poll. `false` if the task has
    /// completed.
    fn abort(&self, task: TaskId) -> bool;

    /// Whether the task has not completed and is not being polled.
    fn is_waiting(&self, task: TaskId) -> bool;

    /// Sets a timer, which calls this waker. `None`, and the waker is dropped, if the loop is closed: the
    /// timer would never fire.
    fn set_timer(&self, when: Time, waker: Waker) -> Option<TimerKey>;

    /// Whether the timer has yet to fire; if so, it wakes this waker from now on.
    fn still_set(&self, timer: TimerKey, waker: &Waker) -> bool;

    /// Removes a timer. `false` if it has fired, or was removed before.
    fn drop_timer(&self, timer: TimerKey) -> bool;

    /// What the loop's thread-safe handles send to.
    fn door(&self) -> Arc<dyn Accept>;

    /// Ends [`run_forever`](crate::EventLoop::run_forever) after this iteration.
    fn stop(&self);

    /// Reports a failure that no caller receives. Does not panic.
    fn report(&self, unretrieved: &Unretrieved);
}

/// [`Hub::still_set`] for a loop whose timers are these.
#[inline]
pub fn still_set(timers: &RefCell<Timers<Waker>>, timer: TimerKey, waker: &Waker) -> bool {
    let mut borrowed = timers.borrow_mut();
    let kept = borrowed.get_mut(timer).map(|kept| kept.will_wake(waker));
    drop(borrowed);
    match kept {
        None => false,
        Some(true) => true,
        Some(false) => change_waker(timers, timer, waker),
    }
}

/// Another task polls than the last time. A call of its own, so that a poll by the same task stays small.
#[cold]
fn change_waker(timers: &RefCell<Timers<Waker>>, timer: TimerKey, waker: &Waker) -> bool {
    // Cloned, and the older one dropped, while nothing is borrowed: a waker is caller-supplied code.
    let waker = waker.clone();
    let mut borrowed = timers.borrow_mut();
    let kept = borrowed.get_mut(timer);
    let is_set = kept.is_some();
    let older = kept.map(|kept| mem::replace(kept, waker));
    drop(borrowed);
    drop(older);
    is_set
}
