//! The ready queue: entries in the order in which any thread pushed them.

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

/// A queue into which any thread pushes, and from which one thread takes: the loop's, called the
/// *taker*. It has no bound.
///
/// The queue also knows whether the taker sleeps, because "is the queue empty?" and "then I sleep"
/// must be one step: see [`fall_asleep`](ReadyQueue::fall_asleep).
///
/// ```text
///            fall_asleep, if the queue is empty
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
    /// Whether `entries` is empty, to be read without the lock. It is written under the lock.
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

/// What the taker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taker {
    Awake,
    Asleep,
    Closed,
}
// ANCHOR_END: inside
// YOURS_END

impl<T> ReadyQueue<T> {
    /// An empty queue, whose taker is awake. `unparker.unpark()` ends the taker's sleep.
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
    /// Appends `entry`. If the taker sleeps, marks it awake and calls the unparker once; later pushes do
    /// not call it again until the taker falls asleep again. The entry is in the queue before that call,
    /// and no lock is held during it: the unparker is caller-supplied code that may call the queue.
    ///
    /// # Errors
    ///
    /// Returns the entry if the queue is closed, and for no other reason.
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
        // STUB: todo!("append the entry, and end the taker's sleep")
        // YOURS_END
    }
    // ANCHOR_END: push

    /// Whether the queue is empty. Where other threads push, `true` may be out of date when it
    /// returns: only [`fall_asleep`](ReadyQueue::fall_asleep) decides whether the taker may sleep.
    pub fn is_empty(&self) -> bool {
        // YOURS
        self.empty.load(Ordering::Relaxed)
        // STUB: todo!("is the queue empty?")
        // YOURS_END
    }

    // ANCHOR: fall_asleep
    /// Marks the taker asleep and returns `true`: from now on the next push calls the unparker. If an
    /// entry is in the queue, or the queue is closed, changes nothing and returns `false`.
    #[inline]
    pub fn fall_asleep(&self) -> bool {
        // YOURS
        if !self.is_empty() {
            return false; // Only the taker removes entries, so the entry seen without the lock is still there.
        }
        let mut inside = self.lock();
        let sleeps = inside.entries.is_empty() && inside.taker != Taker::Closed;
        if sleeps {
            inside.taker = Taker::Asleep;
        }
        sleeps
        // STUB: todo!("may the taker sleep? note it")
        // YOURS_END
    }
    // ANCHOR_END: fall_asleep

    /// Marks the taker awake, for any reason at which its sleep ended. A closed queue stays closed.
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
    /// Moves every entry that is in the queue now to the end of `batch`, oldest first. An entry pushed
    /// from here on is for the next batch. Does not change whether the taker sleeps.
    #[inline]
    pub fn take_batch(&self, batch: &mut Vec<T>) {
        // YOURS
        if self.is_empty() {
            return;
        }
        let mut inside = self.lock();
        self.empty.store(true, Ordering::Relaxed);
        if batch.is_empty() {
            mem::swap(&mut inside.entries, batch); // Both keep their memory, so neither has to grow again.
        } else {
            batch.append(&mut inside.entries);
        }
        // STUB: todo!("every entry that is in the queue now")
        // YOURS_END
    }
    // ANCHOR_END: take_batch

    /// Closes the queue and returns its entries, oldest first. From now on [`push`](ReadyQueue::push)
    /// returns each entry. Does not call the unparker. A second `close` changes nothing.
    pub fn close(&self) -> Vec<T> {
        // YOURS
        let mut inside = self.lock();
        inside.taker = Taker::Closed;
        self.empty.store(true, Ordering::Relaxed);
        mem::take(&mut inside.entries)
        // STUB: todo!("refuse entries from now on, and return those that are left")
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
