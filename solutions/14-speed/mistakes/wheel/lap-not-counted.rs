//! Has one ring of slots, and takes out what is in the slot of the tick.

use std::collections::VecDeque;
use std::fmt;

/// A set of timers.
pub struct Wheel<T> {
    slots: Vec<VecDeque<(u64, u64, T)>>,
    elapsed: u64,
    set: u64,
    len: usize,
}

/// Names one timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WheelKey {
    due: u64,
    number: u64,
}

const SLOTS: u64 = 256;

impl<T> Wheel<T> {
    /// No timers.
    #[must_use]
    pub fn new() -> Wheel<T> {
        Wheel {
            slots: (0..SLOTS).map(|_| VecDeque::new()).collect(),
            elapsed: 0,
            set: 0,
            len: 0,
        }
    }

    fn slot(&mut self, tick: u64) -> &mut VecDeque<(u64, u64, T)> {
        &mut self.slots[(tick % SLOTS) as usize]
    }

    /// Sets a timer.
    pub fn insert(&mut self, due: u64, item: T) -> WheelKey {
        self.set += 1;
        self.len += 1;
        let number = self.set;
        self.slot(due).push_back((due, number, item));
        WheelKey { due, number }
    }

    /// Removes a timer.
    pub fn remove(&mut self, key: WheelKey) -> Option<T> {
        let slot = self.slot(key.due);
        let index = slot.iter().position(|entry| entry.1 == key.number)?;
        let (_, _, item) = slot.remove(index)?;
        self.len -= 1;
        Some(item)
    }

    /// The item.
    pub fn get_mut(&mut self, key: WheelKey) -> Option<&mut T> {
        let slot = self.slot(key.due);
        let entry = slot.iter_mut().find(|entry| entry.1 == key.number)?;
        Some(&mut entry.2)
    }

    /// Is it set?
    #[must_use]
    pub fn contains(&self, key: WheelKey) -> bool {
        let slot = &self.slots[(key.due % SLOTS) as usize];
        slot.iter().any(|entry| entry.1 == key.number)
    }

    /// The next.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        self.slots.iter().flatten().map(|entry| entry.0).min()
    }

    /// What is due.
    pub fn pop_due(&mut self, now: u64) -> Option<(WheelKey, T)> {
        loop {
            let elapsed = self.elapsed;
            if let Some((due, number, item)) = self.slot(elapsed).pop_front() {
                self.len -= 1;
                return Some((WheelKey { due, number }, item));
            }
            if elapsed >= now {
                return None;
            }
            self.elapsed += 1;
        }
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// None?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<T> Default for Wheel<T> {
    fn default() -> Wheel<T> {
        Wheel::new()
    }
}

impl<T> fmt::Debug for Wheel<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Wheel").field("len", &self.len).finish()
    }
}
