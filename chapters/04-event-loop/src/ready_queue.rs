//! What is ready, in the order in which it became so; from any thread.

use std::fmt;
// YOURS
use std::mem;
// YOURS_END

use event_loop::Unparker;

// YOURS
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Mutex, MutexGuard, PoisonError};
// STUB: // Locks and atomics: from `crate::sync`, in whose place the check puts its own.
// STUB: use crate::sync::Mutex;
// YOURS_END

/// A queue into which any thread puts, and out of which one thread takes: the loop's.
///
/// It also knows whether the loop sleeps, because "is there something?" and "then I sleep" must be
/// one question: see [`fall_asleep`](ReadyQueue::fall_asleep).
///
/// ```text
///            fall_asleep, if it is empty
///   Awake ─────────────────────────────────▶ Asleep
///     ▲                                        │
///     └───────── push, which unparks ──────────┤
///     └───────── wake_up ──────────────────────┘
///
///   either of them ── close ──▶ Closed
/// ```
pub struct ReadyQueue<T> {
    // YOURS
    inside: Mutex<Inside<T>>,
    /// Whether `entries` is empty, for a look without the lock. It is written under the lock.
    empty: AtomicBool,
    unparker: Unparker,
    // STUB: entries: Mutex<Vec<T>>, // Yours to replace.
    // STUB: unparker: Unparker,
    // YOURS_END
}
// YOURS

// ANCHOR: inside
struct Inside<T> {
    entries: Vec<T>,
    taker: Taker,
}

/// What whoever takes from the queue is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taker {
    Awake,
    Asleep,
    Closed,
}
// ANCHOR_END: inside
// YOURS_END

impl<T> ReadyQueue<T> {
    /// An empty queue, whose taker is awake. `unparker.unpark()` ends its sleep.
    #[must_use]
    pub fn new(unparker: Unparker) -> ReadyQueue<T> {
        // YOURS
        ReadyQueue {
            inside: Mutex::new(Inside {
                entries: Vec::new(),
                taker: Taker::Awake,
            }),
            empty: AtomicBool::new(true),
            unparker,
        }
        // STUB: todo!("an empty queue, whose taker is awake")
        // YOURS_END
    }

    // ANCHOR: push
    /// Puts something at the end. Calls the unparker if the taker sleeps; from then on it counts as
    /// awake, and later entries do not call it again. No lock is held during that call, since an
    /// unparker is somebody else's code.
    ///
    /// # Errors
    ///
    /// Gives the entry back if the queue is closed.
    pub fn push(&self, entry: T) -> Result<(), T> {
        // YOURS
        let before = {
            let mut inside = self.lock();
            let before = inside.taker;
            if before == Taker::Closed {
                return Err(entry);
            }
            inside.entries.push(entry);
            inside.taker = Taker::Awake;
            self.empty.store(false, Ordering::Relaxed);
            before
        };
        if before == Taker::Asleep {
            self.unparker.unpark();
        }
        Ok(())
        // STUB: todo!("put it in, and end the taker's sleep")
        // YOURS_END
    }
    // ANCHOR_END: push

    /// Whether there is nothing in it. Only a hint where other threads push; and enough for a taker
    /// that would otherwise go on to [`fall_asleep`](ReadyQueue::fall_asleep).
    pub fn is_empty(&self) -> bool {
        // YOURS
        self.empty.load(Ordering::Relaxed)
        // STUB: todo!("is there nothing to take?")
        // YOURS_END
    }

    // ANCHOR: fall_asleep
    /// Says that the taker is going to sleep, unless there is something to take, or the queue is
    /// closed: then nothing changes, and the answer is `false`. After `true` the next entry calls the
    /// unparker.
    #[inline]
    pub fn fall_asleep(&self) -> bool {
        // YOURS
        if !self.is_empty() {
            return false; // Only the taker takes, so what the look without the lock saw is still there.
        }
        let mut inside = self.lock();
        let sleeps = inside.entries.is_empty() && inside.taker != Taker::Closed;
        if sleeps {
            inside.taker = Taker::Asleep;
        }
        sleeps
        // STUB: todo!("look, and go to sleep")
        // YOURS_END
    }
    // ANCHOR_END: fall_asleep

    /// Says that the taker does not sleep any more, for whatever reason.
    pub fn wake_up(&self) {
        // YOURS
        let mut inside = self.lock();
        if inside.taker == Taker::Asleep {
            inside.taker = Taker::Awake;
        }
        // STUB: todo!("the taker is awake")
        // YOURS_END
    }

    // ANCHOR: take_batch
    /// Takes everything that is there now, oldest first, and puts it at the end of `batch`. What is
    /// put in from here on is for the next time.
    #[inline]
    pub fn take_batch(&self, batch: &mut Vec<T>) {
        // YOURS
        if self.is_empty() {
            return;
        }
        let mut inside = self.lock();
        self.empty.store(true, Ordering::Relaxed);
        if batch.is_empty() {
            mem::swap(&mut inside.entries, batch); // And neither has to grow again.
        } else {
            batch.append(&mut inside.entries);
        }
        // STUB: todo!("everything that is there now")
        // YOURS_END
    }
    // ANCHOR_END: take_batch

    /// Nothing will be taken any more: what is there comes back, oldest first, and
    /// [`push`](ReadyQueue::push) refuses from now on. To close it a second time changes nothing.
    pub fn close(&self) -> Vec<T> {
        // YOURS
        let mut inside = self.lock();
        inside.taker = Taker::Closed;
        self.empty.store(true, Ordering::Relaxed);
        mem::take(&mut inside.entries)
        // STUB: todo!("refuse from now on, and give back what is left")
        // YOURS_END
    }
    // YOURS

    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
    // YOURS_END
}

impl<T> fmt::Debug for ReadyQueue<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ReadyQueue").finish_non_exhaustive()
    }
}
