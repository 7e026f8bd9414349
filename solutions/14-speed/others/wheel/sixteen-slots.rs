//! Digits of 4 bits, a sorted map in each slot that has timers, and a `next` that names the beginning of a slot.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// Timers by tick.
pub struct Wheel<T> {
    /// By level and first tick. A slot of level 0 is one tick wide.
    slots: BTreeMap<(u32, u64), BTreeMap<u64, (u64, T)>>,
    /// Timers whose tick has passed when they are set.
    late: BTreeMap<(u64, u64), T>,
    /// By number, the slot of each timer; `None` if it is late.
    places: HashMap<u64, Option<(u32, u64)>>,
    elapsed: u64,
    set: u64,
}

/// Names a timer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WheelKey {
    due: u64,
    number: u64,
}

impl<T> Wheel<T> {
    /// No timers.
    #[must_use]
    pub fn new() -> Wheel<T> {
        Wheel {
            slots: BTreeMap::new(),
            late: BTreeMap::new(),
            places: HashMap::new(),
            elapsed: 0,
            set: 0,
        }
    }

    fn place(&mut self, due: u64, number: u64, item: T) {
        if due < self.elapsed {
            self.places.insert(number, None);
            self.late.insert((due, number), item);
            return;
        }
        let differs = u64::BITS - (due ^ self.elapsed).leading_zeros();
        let level = differs.saturating_sub(1) / 4;
        let slot = (level, due >> (4 * level) << (4 * level));
        self.places.insert(number, Some(slot));
        self.slots
            .entry(slot)
            .or_default()
            .insert(number, (due, item));
    }

    /// Sets a timer.
    pub fn insert(&mut self, due: u64, item: T) -> WheelKey {
        self.set += 1;
        let number = self.set;
        self.place(due, number, item);
        WheelKey { due, number }
    }

    /// Removes a timer.
    pub fn remove(&mut self, key: WheelKey) -> Option<T> {
        let Some(slot) = self.places.remove(&key.number)? else {
            return self.late.remove(&(key.due, key.number));
        };
        let timers = self.slots.get_mut(&slot)?;
        let (_, item) = timers.remove(&key.number)?;
        if timers.is_empty() {
            self.slots.remove(&slot);
        }
        Some(item)
    }

    /// The item of a timer.
    pub fn get_mut(&mut self, key: WheelKey) -> Option<&mut T> {
        match self.places.get(&key.number)? {
            None => self.late.get_mut(&(key.due, key.number)),
            Some(slot) => Some(&mut self.slots.get_mut(slot)?.get_mut(&key.number)?.1),
        }
    }

    /// Whether it is set.
    #[must_use]
    pub fn contains(&self, key: WheelKey) -> bool {
        self.places.contains_key(&key.number)
    }

    /// The tick of the earliest late timer, or the beginning of the first slot.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        let late = self.late.first_key_value().map(|((due, _), _)| *due);
        late.or_else(|| Some(self.slots.first_key_value()?.0.1))
    }

    /// The earliest timer, if it is due.
    pub fn pop_due(&mut self, now: u64) -> Option<(WheelKey, T)> {
        if let Some(first) = self.late.first_entry() {
            if first.key().0 > now {
                return None;
            }
            let ((due, number), item) = first.remove_entry();
            self.places.remove(&number);
            return Some((WheelKey { due, number }, item));
        }
        loop {
            let first = self.slots.first_entry()?;
            let (level, start) = *first.key();
            if start > now {
                return None;
            }
            self.elapsed = start;
            if level == 0 {
                let (number, (due, _)) = first.get().first_key_value()?;
                let key = WheelKey {
                    due: *due,
                    number: *number,
                };
                return Some((key, self.remove(key)?));
            }
            for (number, (due, item)) in first.remove() {
                self.place(due, number, item);
            }
        }
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// None?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
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
