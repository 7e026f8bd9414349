//! A condition variable that sometimes returns for nothing, as those of the standard library may.

use std::fmt;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use super::{LockResult, MutexGuard, thread};
use crate::sleep::{self, Sleep, note};

/// How often one condition variable may return for nothing: enough to be met with, and too few for
/// a right answer to get lost in.
const FOR_NOTHING: usize = 2;

/// [`std::sync::Condvar`].
///
/// Where many interleavings are tried, the first two waits may return without a notification;
/// the interleaving decides whether they do. Where one is tried, a wait returns when it is told to.
pub struct Condvar {
    inner: shuttle::sync::Condvar,
    for_nothing: AtomicUsize,
}

impl Condvar {
    /// A condition variable at which no thread waits.
    #[must_use]
    pub const fn new() -> Condvar {
        Condvar {
            inner: shuttle::sync::Condvar::new(),
            for_nothing: AtomicUsize::new(FOR_NOTHING),
        }
    }

    /// [`std::sync::Condvar::wait`].
    ///
    /// # Errors
    ///
    /// If the lock is poisoned.
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let again = if self.may_return_for_nothing() {
            // Whether this comes before the wait, and is lost, or after it is the interleaving's to say.
            thread::scope(|scope| {
                scope.spawn(|| self.inner.notify_all());
                guard.waits(|guard| self.inner.wait(guard))
            })
        } else {
            guard.waits(|guard| self.inner.wait(guard))
        };
        note(Sleep::Waited);
        again
    }

    /// [`std::sync::Condvar::wait_while`].
    ///
    /// # Errors
    ///
    /// If the lock is poisoned.
    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    /// [`std::sync::Condvar::wait_timeout`]. Time does not pass in the model: every time has passed at
    /// once, except [`Duration::MAX`], which never passes.
    ///
    /// # Errors
    ///
    /// If the lock is poisoned.
    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        time: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        if time == Duration::MAX {
            let notified = WaitTimeoutResult(false);
            return self
                .wait(guard)
                .map(|guard| (guard, notified))
                .map_err(|poisoned| PoisonError::new((poisoned.into_inner(), notified)));
        }
        let is_over = AtomicBool::new(false);
        let again = thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Relaxed) {
                    self.inner.notify_all();
                    thread::yield_now();
                }
            });
            let again = guard.waits(|guard| self.inner.wait(guard));
            is_over.store(true, Relaxed);
            again
        });
        note(Sleep::ForATime);
        let timed_out = WaitTimeoutResult(true);
        again
            .map(|guard| (guard, timed_out))
            .map_err(|poisoned| PoisonError::new((poisoned.into_inner(), timed_out)))
    }

    /// [`std::sync::Condvar::wait_timeout_while`]: waits once.
    ///
    /// # Errors
    ///
    /// If the lock is poisoned.
    pub fn wait_timeout_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        time: Duration,
        mut condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        if !condition(&mut *guard) {
            return Ok((guard, WaitTimeoutResult(false)));
        }
        if time == Duration::MAX {
            let notified = WaitTimeoutResult(false);
            return self
                .wait_while(guard, condition)
                .map(|guard| (guard, notified))
                .map_err(|poisoned| PoisonError::new((poisoned.into_inner(), notified)));
        }
        let (mut guard, _) = self.wait_timeout(guard, time)?;
        let timed_out = WaitTimeoutResult(condition(&mut *guard));
        Ok((guard, timed_out))
    }

    /// [`std::sync::Condvar::notify_one`].
    pub fn notify_one(&self) {
        self.inner.notify_one();
    }

    /// [`std::sync::Condvar::notify_all`].
    pub fn notify_all(&self) {
        self.inner.notify_all();
    }

    fn may_return_for_nothing(&self) -> bool {
        let once_less = |left: usize| left.checked_sub(1);
        sleep::may_end_for_nothing()
            && self
                .for_nothing
                .fetch_update(Relaxed, Relaxed, once_less)
                .is_ok()
    }
}

impl Default for Condvar {
    fn default() -> Condvar {
        Condvar::new()
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Condvar { .. }")
    }
}

/// [`std::sync::WaitTimeoutResult`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitTimeoutResult(bool);

impl WaitTimeoutResult {
    /// Whether the time was over.
    #[must_use]
    pub fn timed_out(&self) -> bool {
        self.0
    }
}
