//! Keeps near and far timers apart, and asks for the earliest near one first.
//!
//! A set of timers, of which the earliest comes out first.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use event_loop::Time;

/// A timer that is due within this time from the last call of `pop_due` is near.
const NEAR: Duration = Duration::from_millis(128);

/// A set of timers, near ones and far ones.
pub struct Timers<T> {
    near: BTreeMap<TimerKey, T>,
    far: BTreeMap<TimerKey, T>,
    now: Time,
    set: u64,
}

/// Names one timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimerKey {
    when: Time,
    number: u64,
}

impl<T> Timers<T> {
    /// No timers.
    #[must_use]
    pub fn new() -> Timers<T> {
        Timers {
            near: BTreeMap::new(),
            far: BTreeMap::new(),
            now: Time::START,
            set: 0,
        }
    }

    /// Sets a timer.
    pub fn insert(&mut self, when: Time, item: T) -> TimerKey {
        let number = self.set;
        self.set += 1;
        let key = TimerKey { when, number };
        if when < self.now + NEAR {
            self.near.insert(key, item);
        } else {
            self.far.insert(key, item);
        }
        key
    }

    /// Removes a timer.
    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        self.near.remove(&key).or_else(|| self.far.remove(&key))
    }

    /// The item of this timer.
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        self.near.get_mut(&key).or_else(|| self.far.get_mut(&key))
    }

    /// Whether this timer is still set.
    #[must_use]
    pub fn contains(&self, key: TimerKey) -> bool {
        self.near.contains_key(&key) || self.far.contains_key(&key)
    }

    /// When the earliest timer is due.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        // ANCHOR: mistake
        let first = self.near.keys().next().or(self.far.keys().next());
        // ANCHOR_END: mistake
        Some(first?.when)
    }

    /// Removes the earliest timer if it is due at `now`.
    pub fn pop_due(&mut self, now: Time) -> Option<(TimerKey, T)> {
        self.now = now;
        let near_is_due = self.near.keys().next().is_some_and(|key| key.when <= now);
        let due = if near_is_due {
            self.near.first_entry()
        } else {
            self.far.first_entry()
        };
        let due = due.filter(|entry| entry.key().when <= now)?;
        Some(due.remove_entry())
    }

    /// How many timers are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.near.len() + self.far.len()
    }

    /// Whether no timer is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<T> Default for Timers<T> {
    fn default() -> Timers<T> {
        Timers::new()
    }
}

impl<T> fmt::Debug for Timers<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Timers").finish_non_exhaustive()
    }
}
