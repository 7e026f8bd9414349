//! A map that is sorted by time and number, where the reference has a heap.

use std::collections::BTreeMap;
use std::fmt;

use event_loop::Time;

pub struct Timers<T> {
    entries: BTreeMap<TimerKey, T>,
    number: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimerKey {
    when: Time,
    number: u64,
}

impl<T> Timers<T> {
    #[must_use]
    pub fn new() -> Timers<T> {
        Timers {
            entries: BTreeMap::new(),
            number: 0,
        }
    }

    pub fn insert(&mut self, when: Time, item: T) -> TimerKey {
        self.number += 1;
        let number = self.number;
        let key = TimerKey { when, number };
        self.entries.insert(key, item);
        key
    }

    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        self.entries.remove(&key)
    }

    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        self.entries.get_mut(&key)
    }

    #[must_use]
    pub fn contains(&self, key: TimerKey) -> bool {
        self.entries.contains_key(&key)
    }

    #[must_use]
    pub fn next(&self) -> Option<Time> {
        self.entries.keys().next().map(|key| key.when)
    }

    pub fn pop_due(&mut self, now: Time) -> Option<(TimerKey, T)> {
        let first = self.entries.first_entry()?;
        (first.key().when <= now).then(|| first.remove_entry())
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<T> Default for Timers<T> {
    fn default() -> Timers<T> {
        Timers::new()
    }
}

impl<T> fmt::Debug for Timers<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Timers")
    }
}
