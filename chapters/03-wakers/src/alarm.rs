//! A clock that calls back, and a future that waits for a time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::sync::{Arc, Mutex, PoisonError};

// ANCHOR: clock
/// A clock, which runs on its own: on another thread, or in the middle of anything that you do.
pub trait Clock {
    /// How long it has been running. If it finds that somebody's time has come, it may ring before
    /// this returns.
    fn now(&self) -> Duration;

    /// Calls `ring` once, at `when`, or as soon as it can if that has passed. From where is the
    /// clock's business: from another thread, from inside of [`now`](Clock::now), or before this
    /// returns.
    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>);
}
// ANCHOR_END: clock

/// A future that is ready once the clock shows `when`.
///
/// # Cancel safety
///
/// Nothing is lost if it is dropped. The clock then rings for nobody.
#[must_use = "an alarm wakes nobody until it is polled"]
pub struct Alarm<C> {
    clock: C,
    when: Duration,
    sleeper: Sleeper,
}

/// Whoever is to be woken when the clock rings.
type Sleeper = Arc<Mutex<Option<Waker>>>;

impl<C: Clock> Alarm<C> {
    /// An alarm for `when`, on this clock's time. It is set at once.
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
        // YOURS
        let waker = context.waker().clone();
        let _older = replace(&self.sleeper, Some(waker));
        if self.clock.now() >= self.when {
            return Poll::Ready(());
        }
        Poll::Pending
        // STUB: if self.clock.now() >= self.when {
        // STUB:     return Poll::Ready(());
        // STUB: }
        // STUB: let waker = context.waker().clone();
        // STUB: let _older = replace(&self.sleeper, Some(waker));
        // STUB: Poll::Pending
        // YOURS_END
    }
}

impl<C> Drop for Alarm<C> {
    fn drop(&mut self) {
        let _nobody = replace(&self.sleeper, None);
    }
}

/// What the clock does when it rings.
fn wake(sleeper: &Sleeper) {
    if let Some(waker) = replace(sleeper, None) {
        waker.wake();
    }
}

/// Changes who is to be woken, and returns who it was. The lock is released when this returns.
fn replace(sleeper: &Sleeper, new: Option<Waker>) -> Option<Waker> {
    let mut sleeper = sleeper.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut *sleeper, new)
}
