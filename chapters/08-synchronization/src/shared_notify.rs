//! A notification that any thread may send, and tasks on any thread wait for.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

// YOURS
use crate::sync::{Mutex, MutexGuard, PoisonError};
// STUB: // Locks: from `crate::sync`, in whose place the check puts its own.
// STUB: use crate::sync::Mutex;
// YOURS_END

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
// ANCHOR: state
#[derive(Default)]
pub struct SharedNotify {
    // YOURS
    state: Mutex<State>,
    // STUB: state: Mutex<()>, // Yours to replace.
    // YOURS_END
}
// YOURS

#[derive(Default)]
struct State {
    /// Whether `notify_one` was called while no task waited.
    permit: bool,
    next_ticket: u64,
    /// The waiting tasks. The smallest ticket has waited longest.
    waiting: BTreeMap<u64, Waker>,
    /// The tasks that were notified and have not polled since.
    notified: BTreeMap<u64, By>,
}

/// Which call notified a task.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    One,
    All,
}
// YOURS_END
// ANCHOR_END: state

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
        // YOURS
        let chosen = self.state().choose();
        if let Some(waker) = chosen {
            waker.wake();
        }
        // STUB: todo!("choose the task that has waited longest, or store a permit")
        // YOURS_END
    }

    /// Notifies every task that waits now, and wakes all of them, in any order. Stores no permit, and
    /// leaves a stored one where it is. A waker that panics may keep the others from their wakes.
    pub fn notify_waiters(&self) {
        // YOURS
        let woken = self.state().choose_all();
        for waker in woken {
            waker.wake();
        }
        // STUB: todo!("which tasks wait at this moment?")
        // YOURS_END
    }

    /// A future that is ready when it is notified, or when it takes the stored permit at its first
    /// poll.
    pub fn notified(&self) -> Notified<'_> {
        Notified {
            notify: self,
            // YOURS
            stage: Stage::New,
            // STUB: // Yours to fill in.
            // YOURS_END
        }
    }
    // YOURS

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    // YOURS_END
}
// YOURS

impl State {
    /// Notifies the task that has waited longest. Without one, stores a permit.
    fn choose(&mut self) -> Option<Waker> {
        let Some((ticket, waker)) = self.waiting.pop_first() else {
            self.permit = true;
            return None;
        };
        self.notified.insert(ticket, By::One);
        Some(waker)
    }

    fn choose_all(&mut self) -> Vec<Waker> {
        let waiting = std::mem::take(&mut self.waiting);
        let tickets = waiting.keys().map(|ticket| (*ticket, By::All));
        self.notified.extend(tickets);
        waiting.into_values().collect()
    }

    fn join(&mut self, waker: Waker) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiting.insert(ticket, waker);
        ticket
    }
}
// YOURS_END

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
    // YOURS
    stage: Stage,
    // STUB: // Yours to fill in.
    // YOURS_END
}
// YOURS

#[derive(Clone, Copy)]
enum Stage {
    New,
    /// In the queue, or notified, under this ticket.
    Waits(u64),
    Done,
}
// YOURS_END

// ANCHOR: poll
impl Future for Notified<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        // YOURS
        // Cloned before the lock is taken, and dropped after it: a waker is caller-supplied code.
        let waker = context.waker().clone();
        let notify = self.notify;
        let mut state = notify.state();
        match self.stage {
            Stage::New if std::mem::take(&mut state.permit) => {
                self.stage = Stage::Done;
                Poll::Ready(())
            }
            Stage::New => {
                self.stage = Stage::Waits(state.join(waker));
                Poll::Pending
            }
            Stage::Waits(ticket) if state.notified.remove(&ticket).is_some() => {
                self.stage = Stage::Done;
                Poll::Ready(())
            }
            Stage::Waits(ticket) => {
                let older = state.waiting.insert(ticket, waker);
                drop(state);
                drop(older);
                Poll::Pending
            }
            Stage::Done => {
                drop(state);
                panic!("`Notified` was polled after it was ready")
            }
        }
        // STUB: todo!("notified already, or waiting from now on?")
        // YOURS_END
    }
}
// ANCHOR_END: poll
// YOURS

// ANCHOR: drop
impl Drop for Notified<'_> {
    fn drop(&mut self) {
        let Stage::Waits(ticket) = self.stage else {
            return;
        };
        let mut state = self.notify.state();
        let unused = state.waiting.remove(&ticket);
        let next = match state.notified.remove(&ticket) {
            Some(By::One) => state.choose(),
            Some(By::All) | None => None,
        };
        drop(state);
        drop(unused);
        if let Some(waker) = next {
            waker.wake();
        }
    }
}
// ANCHOR_END: drop
// YOURS_END

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
