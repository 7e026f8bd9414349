//! Throws out a timer that was taken back only when it comes to the top of the heap.
//!
//! What is to happen at what time, the earliest first.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;

use event_loop::Time;

/// A set of timers, each with something to hand out when it is due: in a loop, a waker.
///
/// The next one is at hand at once; setting one and taking one back costs in the worst case as many
/// steps as the number of timers has binary digits. Those of one instant come out in the order in
/// which they were set. One that is taken back leaves nothing behind.
pub struct Timers<T> {
    heap: BinaryHeap<Reverse<(Time, u64)>>,
    items: HashMap<u64, T>,
    set: u64,
}

/// Which timer. It stays the name of that one alone, also when that one is gone.
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

    /// Sets a timer: at `when`, `item` is due.
    pub fn insert(&mut self, when: Time, item: T) -> TimerKey {
        let number = self.set;
        self.set += 1;
        self.heap.push(Reverse((when, number)));
        self.items.insert(number, item);
        TimerKey { number }
    }

    /// Takes a timer back, with what it held; `None` if it was due and handed out, or taken back
    /// before.
    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        // ANCHOR: mistake
        let item = self.items.remove(&key.number)?;
        self.clear_the_top();
        Some(item)
        // ANCHOR_END: mistake
    }

    /// What a timer that is still set will hand out.
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        self.items.get_mut(&key.number)
    }

    /// Whether this timer is still set.
    #[must_use]
    pub fn contains(&self, key: TimerKey) -> bool {
        self.items.contains_key(&key.number)
    }

    /// When the next one is due.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        self.heap.peek().map(|Reverse((when, _))| *when)
    }

    /// Takes out the earliest one, if it is due at `now`: if its time is not later than that. The key
    /// is the one that `insert` gave.
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

    /// How many are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether none is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Throws out what was taken back, as long as it is on top.
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
