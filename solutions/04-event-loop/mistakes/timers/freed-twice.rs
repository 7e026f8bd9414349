//! Removing a second time with the same key frees the slot a second time.

use std::fmt;

use event_loop::Time;

/// A set of timers, each with an item that comes out when the timer is due: in a loop, a waker.
///
/// `next` takes constant time. `insert`, `remove` and `pop_due` take O(log n) steps in the worst
/// case. Timers for the same time come out in the order in which they were set. A removed timer
/// leaves nothing behind: its item is returned, and memory for it is free for the next timer.
pub struct Timers<T> {
    order: std::collections::BTreeMap<(Time, u64), usize>,
    slots: Vec<(u64, Option<(Time, T)>)>,
    free: Vec<usize>,
    count: u64,
}

/// Names one timer. No later timer has the same key, even after this one has come out or was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimerKey {
    slot: usize,
    number: u64,
}

impl<T> Timers<T> {
    /// No timers.
    #[must_use]
    pub fn new() -> Timers<T> {
        Timers {
            order: Default::default(),
            slots: vec![],
            free: vec![],
            count: 0,
        }
    }

    /// Sets a timer, so that `item` comes out at `when`. Any number of timers may be set, for any time.
    pub fn insert(&mut self, when: Time, item: T) -> TimerKey {
        self.count += 1;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push((0, None));
            self.slots.len() - 1
        });
        self.slots[slot] = (self.count, Some((when, item)));
        self.order.insert((when, self.count), slot);
        TimerKey {
            slot,
            number: self.count,
        }
    }

    /// Removes a timer and returns its item; `None` if it has come out or was removed before.
    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        let (number, place) = self.slots.get_mut(key.slot)?;
        if *number != key.number {
            return None;
        }
        let taken = place.take();
        self.free.push(key.slot);
        let (when, item) = taken?;
        self.order.remove(&(when, key.number));
        Some(item)
    }

    /// The item of this timer; `None` if it has come out or was removed.
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        match self.slots.get_mut(key.slot) {
            Some((number, Some((_, item)))) if *number == key.number => Some(item),
            _ => None,
        }
    }

    /// Whether this timer is still set.
    #[must_use]
    pub fn contains(&self, key: TimerKey) -> bool {
        matches!(self.slots.get(key.slot), Some((number, Some(_))) if *number == key.number)
    }

    /// When the earliest timer is due.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        self.order.keys().next().map(|(when, _)| *when)
    }

    /// Removes the earliest timer if it is due at `now`: if its time is `now` or earlier. Returns the
    /// key that `insert` returned, and the item.
    pub fn pop_due(&mut self, now: Time) -> Option<(TimerKey, T)> {
        let ((when, number), slot) = self
            .order
            .first_key_value()
            .map(|(key, slot)| (*key, *slot))?;
        if when > now {
            return None;
        }
        let key = TimerKey { slot, number };
        let item = self.remove(key)?;
        Some((key, item))
    }

    /// How many timers are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
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
        out.debug_struct("Timers")
            .field("len", &self.len())
            .field("next", &self.next())
            .finish()
    }
}
