//! A sorted map from the second to its reminders: no dials.

use std::collections::BTreeMap;

/// Reminders by their second.
pub struct Reminders<T> {
    now: u64,
    due: BTreeMap<u64, Vec<T>>,
}

impl<T> Reminders<T> {
    /// No reminders, at midnight.
    pub fn new() -> Reminders<T> {
        Reminders {
            now: 0,
            due: BTreeMap::new(),
        }
    }

    /// Sets a reminder.
    pub fn set(&mut self, seconds: u64, item: T) {
        let due = self.now + seconds.max(1);
        self.due.entry(due).or_default().push(item);
    }

    /// A second passes.
    pub fn tick(&mut self) -> Vec<T> {
        self.now += 1;
        self.due.remove(&self.now).unwrap_or_default()
    }
}

impl<T> Default for Reminders<T> {
    fn default() -> Reminders<T> {
        Reminders::new()
    }
}
