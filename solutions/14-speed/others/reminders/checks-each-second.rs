//! Looks at the reminders of this hour in each minute, and at those of this minute in each second.

use std::mem::take;

/// Reminders, each with its second.
pub struct Reminders<T> {
    now: u64,
    minute: Vec<(u64, T)>,
    hour: Vec<(u64, T)>,
    /// By the hour since the beginning.
    later: std::collections::HashMap<u64, Vec<(u64, T)>>,
}

impl<T> Reminders<T> {
    /// No reminders, at midnight.
    pub fn new() -> Reminders<T> {
        Reminders {
            now: 0,
            minute: Vec::new(),
            hour: Vec::new(),
            later: Default::default(),
        }
    }

    /// Sets a reminder.
    pub fn set(&mut self, seconds: u64, item: T) {
        let due = self.now + seconds.max(1);
        self.sort_in(due, item);
    }

    fn sort_in(&mut self, due: u64, item: T) {
        if due / 60 == self.now / 60 {
            self.minute.push((due, item));
        } else if due / 3_600 == self.now / 3_600 {
            self.hour.push((due, item));
        } else {
            self.later.entry(due / 3_600).or_default().push((due, item));
        }
    }

    /// A second passes.
    pub fn tick(&mut self) -> Vec<T> {
        self.now += 1;
        if self.now % 3_600 == 0 {
            let begun = self.later.remove(&(self.now / 3_600));
            self.hour.extend(begun.unwrap_or_default());
        }
        if self.now % 60 == 0 {
            for (due, item) in take(&mut self.hour) {
                self.sort_in(due, item);
            }
        }
        let now = self.now;
        let due = self.minute.extract_if(.., |(due, _)| *due == now);
        due.map(|(_, item)| item).collect()
    }
}

impl<T> Default for Reminders<T> {
    fn default() -> Reminders<T> {
        Reminders::new()
    }
}
