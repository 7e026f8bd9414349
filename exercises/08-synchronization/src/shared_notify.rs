//! A notification that any thread may send, and tasks on any thread wait for.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

// Locks: from `crate::sync`, in whose place the check puts its own.
use crate::sync::Mutex;

/// The thread-safe form of [`Notify`](synchronization::Notify), with the same contract.
///
/// [`notify_one`](SharedNotify::notify_one) notifies the task that has waited longest. If no task
/// waits, it stores one *permit*, which the next wait takes at its first poll. It never stores more
/// than one. [`notify_waiters`](SharedNotify::notify_waiters) notifies every task that waits at that
/// moment, and stores nothing. A task waits from the first poll of its [`Notified`] on.
///
/// No waker is called, cloned or dropped under a lock.
///
/// ```
/// use std::sync::Arc;
/// use synchronization::SharedNotify;
///
/// let notify = Arc::new(SharedNotify::new());
/// let remote = Arc::clone(&notify);
/// let thread = std::thread::spawn(move || remote.notify_one());
/// wakers::block_on(notify.notified());
/// thread.join().unwrap();
/// ```
#[derive(Default)]
pub struct SharedNotify {
    state: Mutex<()>, // Yours to replace.
}

impl SharedNotify {
    /// A notification for which no task waits, without a permit.
    #[must_use]
    pub fn new() -> SharedNotify {
        SharedNotify::default()
    }

    /// Notifies the task that has waited longest, and wakes it. If no task waits, stores a permit.
    ///
    /// A task that was notified so and is dropped before its next poll passes the notification on:
    /// to the task that has waited longest by then, or into the stored permit.
    pub fn notify_one(&self) {
        todo!("choose the task that has waited longest, or store a permit")
    }

    /// Notifies every task that waits now, and wakes all of them, in any order. Stores no permit, and
    /// leaves a stored one where it is. A waker that panics may keep the others from their wakes.
    pub fn notify_waiters(&self) {
        todo!("which tasks wait at this moment?")
    }

    /// A future that is ready when it is notified, or when it takes the stored permit at its first
    /// poll.
    pub fn notified(&self) -> Notified<'_> {
        Notified {
            notify: self,
            // Yours to fill in.
        }
    }
}

/// See [`SharedNotify::notified`]. Wakes the task that polled it last.
///
/// # Cancel safety
///
/// Dropping it loses no notification of [`notify_one`](SharedNotify::notify_one): another task gets
/// it, or it becomes the stored permit. It leaves no waker behind.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "a future does nothing until it is polled"]
pub struct Notified<'a> {
    notify: &'a SharedNotify,
    // Yours to fill in.
}

impl Future for Notified<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        todo!("notified already, or waiting from now on?")
    }
}

impl fmt::Debug for SharedNotify {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SharedNotify").finish_non_exhaustive()
    }
}

impl fmt::Debug for Notified<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Notified").finish_non_exhaustive()
    }
}
