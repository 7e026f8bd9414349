//! A hierarchical timer wheel: timers that are set and removed in constant time.

use std::fmt;

/// A set of timers, each with an item that comes out when the timer is due.
///
/// The wheel counts *ticks*, from 0 to `u64::MAX`. What a tick is, its owner says: see
/// [`Timers`](speed::timers::Timers).
///
/// - A timer never comes out before its tick. The earliest comes out first. Timers for the same tick
///   come out in the order in which they were set.
/// - [`insert`](Wheel::insert), [`remove`](Wheel::remove) and [`next`](Wheel::next) take constant time,
///   however many timers are set. [`pop_due`](Wheel::pop_due) spends no time on a timer that is not
///   due, but to move it closer, a few times in its life.
/// - Ticks that no timer waits for cost nothing: a year may pass between two calls.
/// - A removed timer leaves nothing behind: its item is returned, and memory for it is free for the
///   next timer.
pub struct Wheel<T> {
    entries: Vec<(u64, u64, T)>, // Yours to replace.
}

/// Names one timer of one [`Wheel`]. No later timer has the same key, even after this one has come
/// out or was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WheelKey {
    number: u64, // Yours to replace.
}

impl<T> Wheel<T> {
    /// No timers, at tick 0.
    #[must_use]
    pub fn new() -> Wheel<T> {
        todo!("no timers")
    }

    /// Sets a timer, so that `item` comes out at the tick `due`. Any number of timers may be set, for
    /// any tick. A timer for a tick that has passed is due at once.
    pub fn insert(&mut self, due: u64, item: T) -> WheelKey {
        todo!("set it, and return its key")
    }

    /// Removes a timer and returns its item; `None` if it has come out or was removed before.
    pub fn remove(&mut self, key: WheelKey) -> Option<T> {
        todo!("take it out, wherever it is")
    }

    /// The item of this timer; `None` if it has come out or was removed.
    pub fn get_mut(&mut self, key: WheelKey) -> Option<&mut T> {
        todo!("its item")
    }

    /// Whether this timer is still set.
    #[must_use]
    pub fn contains(&self, key: WheelKey) -> bool {
        todo!("is it still set?")
    }

    /// The tick until which a loop may sleep; `None` if no timer is set.
    ///
    /// It is never later than the earliest timer. It may be earlier: a loop that wakes then finds no
    /// timer due, and asks again. At most 16 times in a row the answer may be too early, if after
    /// each one the loop calls [`pop_due`](Wheel::pop_due) with it.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        todo!("no later than the earliest")
    }

    /// Removes the earliest timer if it is due at the tick `now`: if its tick is `now` or earlier.
    /// Returns the key that `insert` returned, and the item.
    ///
    /// `now` does not have to be later than in the call before.
    pub fn pop_due(&mut self, now: u64) -> Option<(WheelKey, T)> {
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

impl<T> Default for Wheel<T> {
    fn default() -> Wheel<T> {
        Wheel::new()
    }
}

impl<T> fmt::Debug for Wheel<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Wheel")
            .field("len", &self.len())
            .field("next", &self.next())
            .finish()
    }
}
