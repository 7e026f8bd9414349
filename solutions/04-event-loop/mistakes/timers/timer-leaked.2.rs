//! Drops a removed timer only when it comes to the top of the heap.
//!
//! A set of timers, of which the earliest comes out first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;

use event_loop::Time;

/// A set of timers, each with an item that comes out when the timer is due: in a loop, a waker.
///
/// `next` takes constant time. `insert`, `remove` and `pop_due` take O(log n) steps in the worst
/// case. Timers for the same time come out in the order in which they were set. A removed timer
/// leaves nothing behind: its item is returned, and memory for it is free for the next timer.
pub struct Timers<T> {
    heap: BinaryHeap<Reverse<(Time, u64)>>,
    items: HashMap<u64, T>,
    set: u64,
}

/// Names one timer. No later timer has the same key, even after this one has come out or was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimerKey {
    number: u64,
}

impl<T> Timers<T> {
    /// No timers.
    #[must_use]
    pub fn new() -> Timers<T> {
        Timers {
            heap: BinaryHeap::new(),
            items: HashMap::new(),
            set: 0,
        }
    }

    /// Sets a timer, so that `item` comes out at `when`. Any number of timers may be set, for any time.
    pub fn insert(&mut self, when: Time, item: T) -> TimerKey {
        let number = self.set;
        self.set += 1;
        self.heap.push(Reverse((when, number)));
        self.items.insert(number, item);
        TimerKey { number }
    }

    /// Removes a timer and returns its item; `None` if it has come out or was removed before.
    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        // ANCHOR: mistake
        let item = self.items.remove(&key.number)?;
        self.clear_the_top();
        Some(item)
        // ANCHOR_END: mistake
    }

    /// The item of this timer; `None` if it has come out or was removed.
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        self.items.get_mut(&key.number)
    }

    /// Whether this timer is still set.
    #[must_use]
    pub fn contains(&self, key: TimerKey) -> bool {
        self.items.contains_key(&key.number)
    }

    /// When the earliest timer is due.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse((when, _))| *when)
    }

    /// Removes the earliest timer if it is due at `now`: if its time is `now` or earlier. Returns the
    /// key that `insert` returned, and the item.
    pub fn pop_due(&mut self, now: Time) -> Option<(TimerKey, T)> {
        let Reverse((when, number)) = self.heap.peek().copied()?;
        if when > now {
            return None;
        }
        self.heap.pop();
        let item = self.items.remove(&number)?;
        self.clear_the_top();
        Some((TimerKey { number }, item))
    }

    /// How many timers are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether no timer is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Drops removed timers, as long as one is on top.
    fn clear_the_top(&mut self) {
        while let Some(Reverse((_, number))) = self.heap.peek()
            && !self.items.contains_key(number)
        {
            self.heap.pop();
        }
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
