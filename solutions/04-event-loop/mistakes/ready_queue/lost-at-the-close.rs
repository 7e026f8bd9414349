//! Looks whether the queue is closed, and then puts the entry in.
//!
//! What is ready, in the order in which it became so; from any thread.

use std::fmt;
use std::mem;

use event_loop::Unparker;

use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Mutex, MutexGuard, PoisonError};

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
    inside: Mutex<Inside<T>>,
    /// Whether `entries` is empty, for a look without the lock. It is written under the lock.
    empty: AtomicBool,
    unparker: Unparker,
}

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

impl<T> ReadyQueue<T> {
    /// An empty queue, whose taker is awake. `unparker.unpark()` ends its sleep.
    #[must_use]
    pub fn new(unparker: Unparker) -> ReadyQueue<T> {
        ReadyQueue {
            inside: Mutex::new(Inside {
                entries: Vec::new(),
                taker: Taker::Awake,
            }),
            empty: AtomicBool::new(true),
            unparker,
        }
    }

    /// Puts something at the end. Calls the unparker if the taker sleeps; from then on it counts as
    /// awake, and later entries do not call it again. No lock is held during that call, since an
    /// unparker is somebody else's code.
    ///
    /// # Errors
    ///
    /// Gives the entry back if the queue is closed.
    pub fn push(&self, entry: T) -> Result<(), T> {
        // ANCHOR: mistake
        if self.lock().taker == Taker::Closed {
            return Err(entry);
        }
        let mut inside = self.lock();
        inside.entries.push(entry);
        // ANCHOR_END: mistake
        self.empty.store(false, Ordering::Relaxed);
        let before = inside.taker;
        if before == Taker::Asleep {
            inside.taker = Taker::Awake;
        }
        drop(inside);
        if before == Taker::Asleep {
            self.unparker.unpark();
        }
        Ok(())
    }

    /// Whether there is nothing in it. Only a hint where other threads push; and enough for a taker
    /// that would otherwise go on to [`fall_asleep`](ReadyQueue::fall_asleep).
    pub fn is_empty(&self) -> bool {
        self.empty.load(Ordering::Relaxed)
    }

    /// Says that the taker is going to sleep, unless there is something to take, or the queue is
    /// closed: then nothing changes, and the answer is `false`. After `true` the next entry calls the
    /// unparker.
    #[inline]
    pub fn fall_asleep(&self) -> bool {
        if !self.is_empty() {
            return false; // Only the taker takes, so what the look without the lock saw is still there.
        }
        let mut inside = self.lock();
        let sleeps = inside.entries.is_empty() && inside.taker != Taker::Closed;
        if sleeps {
            inside.taker = Taker::Asleep;
        }
        sleeps
    }

    /// Says that the taker does not sleep any more, for whatever reason.
    pub fn wake_up(&self) {
        let mut inside = self.lock();
        if inside.taker == Taker::Asleep {
            inside.taker = Taker::Awake;
        }
    }

    /// Takes everything that is there now, oldest first, and puts it at the end of `batch`. What is
    /// put in from here on is for the next time.
    #[inline]
    pub fn take_batch(&self, batch: &mut Vec<T>) {
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
    }

    /// Nothing will be taken any more: what is there comes back, oldest first, and
    /// [`push`](ReadyQueue::push) refuses from now on. To close it a second time changes nothing.
    pub fn close(&self) -> Vec<T> {
        let mut inside = self.lock();
        inside.taker = Taker::Closed;
        self.empty.store(true, Ordering::Relaxed);
        mem::take(&mut inside.entries)
    }

    fn lock(&self) -> MutexGuard<'_, Inside<T>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for ReadyQueue<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ReadyQueue").finish_non_exhaustive()
    }
}
