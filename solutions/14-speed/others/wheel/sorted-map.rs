//! A sorted map over tick and number: no wheel at all.

use std::collections::BTreeMap;
use std::fmt;

/// Timers by tick.
pub struct Wheel<T> {
    entries: BTreeMap<WheelKey, T>,
    set: u64,
}

/// Names a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WheelKey {
    due: u64,
    number: u64,
}

impl<T> Wheel<T> {
    /// No timers.
    #[must_use]
    pub fn new() -> Wheel<T> {
        Wheel {
            entries: BTreeMap::new(),
            set: 0,
        }
    }

    /// Sets a timer.
    pub fn insert(&mut self, due: u64, item: T) -> WheelKey {
        let number = self.set;
        self.set += 1;
        self.entries.insert(WheelKey { due, number }, item);
        WheelKey { due, number }
    }

    /// Removes a timer.
    pub fn remove(&mut self, key: WheelKey) -> Option<T> {
        self.entries.remove(&key)
    }

    /// The item of a timer.
    pub fn get_mut(&mut self, key: WheelKey) -> Option<&mut T> {
        self.entries.get_mut(&key)
    }

    /// Whether it is set.
    #[must_use]
    pub fn contains(&self, key: WheelKey) -> bool {
        self.entries.contains_key(&key)
    }

    /// The earliest tick.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        Some(self.entries.first_key_value()?.0.due)
    }

    /// The earliest timer, if it is due.
    pub fn pop_due(&mut self, now: u64) -> Option<(WheelKey, T)> {
        let first = self.entries.first_entry()?;
        (first.key().due <= now).then(|| first.remove_entry())
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// None?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<T> Default for Wheel<T> {
    fn default() -> Wheel<T> {
        Wheel::new()
    }
}

impl<T> fmt::Debug for Wheel<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Wheel({} timers)", self.len())
    }
}
