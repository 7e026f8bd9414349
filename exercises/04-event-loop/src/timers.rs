//! A set of timers, of which the earliest comes out first.

use std::fmt;

use event_loop::Time;

/// A set of timers, each with an item that comes out when the timer is due: in a loop, a waker.
///
/// `next`, `insert`, `remove` and `pop_due` take O(log n) steps in the worst case; the `next` of the
/// reference takes one step. Timers for the same time come out in the order in which they were set. A removed timer
/// leaves nothing behind: its item is returned, and memory for it is free for the next timer.
pub struct Timers<T> {
    entries: Vec<(Time, T)>, // Yours to replace.
}

/// Names one timer. No later timer has the same key, even after this one has come out or was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimerKey {
    number: u64, // Yours to replace.
}

impl<T> Timers<T> {
    /// No timers.
    #[must_use]
    pub fn new() -> Timers<T> {
        todo!("no timers")
    }

    /// Sets a timer, so that `item` comes out at `when`. Any number of timers may be set, for any time.
    pub fn insert(&mut self, when: Time, item: T) -> TimerKey {
        todo!("set it, and return its key")
    }

    /// Removes a timer and returns its item; `None` if it has come out or was removed before.
    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        todo!("take it out, wherever it is")
    }

    /// The item of this timer; `None` if it has come out or was removed.
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        todo!("its item")
    }

    /// Whether this timer is still set.
    #[must_use]
    pub fn contains(&self, key: TimerKey) -> bool {
        todo!("is it still set?")
    }

    /// When the earliest timer is due.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        todo!("the time of the earliest")
    }

    /// Removes the earliest timer if it is due at `now`: if its time is `now` or earlier. Returns the
    /// key that `insert` returned, and the item.
    pub fn pop_due(&mut self, now: Time) -> Option<(TimerKey, T)> {
        todo!("the earliest, if it is due")
    }

    /// How many timers are set.
    #[must_use]
    pub fn len(&self) -> usize {
        todo!("how many are set")
    }

    /// Whether no timer is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        todo!("is none set?")
    }
}

impl<T> Default for Timers<T> {
    fn default() -> Timers<T> {
        Timers::new()
    }
}

impl<T> fmt::Debug for Timers<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Timers")
            .field("len", &self.len())
            .field("next", &self.next())
            .finish()
    }
}
