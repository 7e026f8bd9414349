//! The ready queue: entries in the order in which any thread pushed them.

use std::fmt;

use event_loop::Unparker;

// Locks and atomics: from `crate::sync`, in whose place the check puts its own.
use crate::sync::Mutex;

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
    entries: Mutex<Vec<T>>, // Yours to replace.
    unparker: Unparker,
}

impl<T> ReadyQueue<T> {
    /// An empty queue, whose taker is awake. `unparker.unpark()` ends the taker's sleep.
    #[must_use]
    pub fn new(unparker: Unparker) -> ReadyQueue<T> {
        todo!("an empty queue, whose taker is awake")
    }

    /// Appends `entry`. If the taker sleeps, marks it awake and calls the unparker once; later pushes do
    /// not call it again until the taker falls asleep again. The entry is in the queue before that call,
    /// and no lock is held during it: the unparker is caller-supplied code that may call the queue.
    ///
    /// # Errors
    ///
    /// Returns the entry if the queue is closed, and for no other reason.
    pub fn push(&self, entry: T) -> Result<(), T> {
        todo!("append the entry, and end the taker's sleep")
    }

    /// Whether the queue is empty. Where other threads push, `true` may be out of date when it
    /// returns: only [`fall_asleep`](ReadyQueue::fall_asleep) decides whether the taker may sleep.
    pub fn is_empty(&self) -> bool {
        todo!("is the queue empty?")
    }

    /// Marks the taker asleep and returns `true`: from now on the next push calls the unparker. If an
    /// entry is in the queue, or the queue is closed, changes nothing and returns `false`.
    #[inline]
    pub fn fall_asleep(&self) -> bool {
        todo!("may the taker sleep? note it")
    }

    /// Marks the taker awake, for any reason at which its sleep ended. A closed queue stays closed.
    pub fn wake_up(&self) {
        todo!("the taker is awake")
    }

    /// Moves every entry that is in the queue now to the end of `batch`, oldest first. An entry pushed
    /// from here on is for the next batch. Does not change whether the taker sleeps.
    #[inline]
    pub fn take_batch(&self, batch: &mut Vec<T>) {
        todo!("every entry that is in the queue now")
    }

    /// Closes the queue and returns its entries, oldest first. From now on [`push`](ReadyQueue::push)
    /// returns each entry. Does not call the unparker. A second `close` changes nothing.
    pub fn close(&self) -> Vec<T> {
        todo!("refuse entries from now on, and return those that are left")
    }
}

impl<T> fmt::Debug for ReadyQueue<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ReadyQueue").finish_non_exhaustive()
    }
}
