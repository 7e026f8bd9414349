//! What is ready, in the order in which it became so; from any thread.

use std::fmt;

use event_loop::Unparker;

// Locks and atomics: from `crate::sync`, in whose place the check puts its own.
use crate::sync::Mutex;

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
    entries: Mutex<Vec<T>>, // Yours to replace.
    unparker: Unparker,
}

impl<T> ReadyQueue<T> {
    /// An empty queue, whose taker is awake. `unparker.unpark()` ends its sleep.
    #[must_use]
    pub fn new(unparker: Unparker) -> ReadyQueue<T> {
        todo!("an empty queue, whose taker is awake")
    }

    /// Puts something at the end. Calls the unparker if the taker sleeps; from then on it counts as
    /// awake, and later entries do not call it again. No lock is held during that call, since an
    /// unparker is somebody else's code.
    ///
    /// # Errors
    ///
    /// Gives the entry back if the queue is closed.
    pub fn push(&self, entry: T) -> Result<(), T> {
        todo!("put it in, and end the taker's sleep")
    }

    /// Whether there is nothing in it. Only a hint where other threads push; and enough for a taker
    /// that would otherwise go on to [`fall_asleep`](ReadyQueue::fall_asleep).
    pub fn is_empty(&self) -> bool {
        todo!("is there nothing to take?")
    }

    /// Says that the taker is going to sleep, unless there is something to take, or the queue is
    /// closed: then nothing changes, and the answer is `false`. After `true` the next entry calls the
    /// unparker.
    #[inline]
    pub fn fall_asleep(&self) -> bool {
        todo!("look, and go to sleep")
    }

    /// Says that the taker does not sleep any more, for whatever reason.
    pub fn wake_up(&self) {
        todo!("the taker is awake")
    }

    /// Takes everything that is there now, oldest first, and puts it at the end of `batch`. What is
    /// put in from here on is for the next time.
    #[inline]
    pub fn take_batch(&self, batch: &mut Vec<T>) {
        todo!("everything that is there now")
    }

    /// Nothing will be taken any more: what is there comes back, oldest first, and
    /// [`push`](ReadyQueue::push) refuses from now on. To close it a second time changes nothing.
    pub fn close(&self) -> Vec<T> {
        todo!("refuse from now on, and give back what is left")
    }
}

impl<T> fmt::Debug for ReadyQueue<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ReadyQueue").finish_non_exhaustive()
    }
}
