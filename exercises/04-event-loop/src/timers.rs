//! What is to happen at what time, the earliest first.

use std::fmt;

use event_loop::Time;

/// A set of timers, each with something to hand out when it is due: in a loop, a waker.
///
/// The next one is at hand at once; setting one and taking one back costs in the worst case as many
/// steps as the number of timers has binary digits. Those of one instant come out in the order in
/// which they were set. One that is taken back leaves nothing behind.
pub struct Timers<T> {
    entries: Vec<(Time, T)>, // Yours to replace.
}

/// Which timer. It stays the name of that one alone, also when that one is gone.
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

    /// Sets a timer: at `when`, `item` is due.
    pub fn insert(&mut self, when: Time, item: T) -> TimerKey {
        todo!("set it, and give it a name")
    }

    /// Takes a timer back, with what it held; `None` if it was due and handed out, or taken back
    /// before.
    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        todo!("take it out, wherever it stands")
    }

    /// What a timer that is still set will hand out.
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        todo!("what it holds")
    }

    /// Whether this timer is still set.
    #[must_use]
    pub fn contains(&self, key: TimerKey) -> bool {
        todo!("is it still set?")
    }

    /// When the next one is due.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        todo!("the time of the earliest")
    }

    /// Takes out the earliest one, if it is due at `now`: if its time is not later than that. The key
    /// is the one that `insert` gave.
    pub fn pop_due(&mut self, now: Time) -> Option<(TimerKey, T)> {
        todo!("the earliest, if it is due")
    }

    /// How many are set.
    #[must_use]
    pub fn len(&self) -> usize {
        todo!("how many are set")
    }

    /// Whether none is set.
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
