//! Wakes the older task when another one polls.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::sync::{Arc, Mutex, PoisonError};

/// A clock that runs on its own: on another thread, or in the middle of any call that you make.
pub trait Clock {
    /// How long the clock has been running. If the time of a `ring` has come, the clock may call it
    /// before `now` returns.
    fn now(&self) -> Duration;

    /// Calls `ring` once, at `when`, or as soon as possible if that time has passed. The clock
    /// decides from where: from another thread, from inside [`now`](Clock::now), or before `call_at`
    /// returns.
    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>);
}

/// A future that is ready once the clock shows `when`, and pending before.
///
/// When the clock rings, the alarm wakes the task that polled it last, once. It holds no lock while
/// it wakes a task or calls the clock. It does not wake a task before the clock rings.
///
/// # Cancel safety
///
/// Dropping the alarm loses nothing. It keeps no waker, and a later ring does nothing.
#[must_use = "an alarm does nothing until it is polled"]
pub struct Alarm<C> {
    clock: C,
    when: Duration,
    sleeper: Sleeper,
}

/// The waker of the task that waits.
type Sleeper = Arc<Mutex<Option<Waker>>>;

impl<C: Clock> Alarm<C> {
    /// An alarm for `when`, on this clock's time. Tells the clock at once.
    pub fn new(clock: C, when: Duration) -> Alarm<C> {
        let sleeper = Sleeper::default();
        let bell = Arc::clone(&sleeper);
        clock.call_at(when, Box::new(move || wake(&bell)));
        Alarm {
            clock,
            when,
            sleeper,
        }
    }
}

impl<C: Clock + Unpin> Future for Alarm<C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let _older = replace(&self.sleeper, Some(context.waker().clone()));
        if let Some(old) = &_older {
            if !old.will_wake(context.waker()) {
                old.wake_by_ref();
            }
        }
        if self.clock.now() >= self.when {
            let _mine = replace(&self.sleeper, None);
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl<C> Drop for Alarm<C> {
    fn drop(&mut self) {
        let _older = replace(&self.sleeper, None);
    }
}

/// Called by the clock when it rings.
fn wake(sleeper: &Sleeper) {
    if let Some(waker) = replace(sleeper, None) {
        waker.wake();
    }
}

/// Stores a waker, and returns the one before. The lock is released when this returns.
fn replace(sleeper: &Sleeper, new: Option<Waker>) -> Option<Waker> {
    let mut sleeper = sleeper.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut *sleeper, new)
}
