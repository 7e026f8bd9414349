//! A set of timers, of which the earliest comes out first.

use std::fmt;

// YOURS
use slab::Slab;

// YOURS_END
use event_loop::Time;

/// A set of timers, each with an item that comes out when the timer is due: in a loop, a waker.
///
/// `next`, `insert`, `remove` and `pop_due` take O(log n) steps in the worst case; the `next` of the
/// reference takes one step. Timers for the same time come out in the order in which they were set. A removed timer
/// leaves nothing behind: its item is returned, and memory for it is free for the next timer.
// YOURS
///
/// A binary heap (Williams, 1964) in which the place of each entry is known, so that an entry in the
/// middle can be removed.
// YOURS_END
pub struct Timers<T> {
    // YOURS
    /// Each entry is due no later than the two below it, which stand at twice its index, plus one
    /// and plus two.
    heap: Vec<Entry>,
    /// The item of each entry, and its index in the heap.
    places: Slab<Place<T>>,
    set: u64,
    // STUB: entries: Vec<(Time, T)>, // Yours to replace.
    // YOURS_END
}
// YOURS

// ANCHOR: fields
struct Entry {
    due: Due,
    place: usize,
}

/// By time; and within one instant, by the order of setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    when: Time,
    number: u64,
}

struct Place<T> {
    index: usize,
    number: u64,
    item: T,
}
// ANCHOR_END: fields
// YOURS_END

/// Names one timer. No later timer has the same key, even after this one has come out or was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimerKey {
    // YOURS
    place: usize,
    number: u64,
    // STUB: number: u64, // Yours to replace.
    // YOURS_END
}

impl<T> Timers<T> {
    /// No timers.
    #[must_use]
    pub fn new() -> Timers<T> {
        // YOURS
        Timers {
            heap: Vec::new(),
            places: Slab::new(),
            set: 0,
        }
        // STUB: todo!("no timers")
        // YOURS_END
    }

    // ANCHOR: insert
    /// Sets a timer, so that `item` comes out at `when`. Any number of timers may be set, for any time.
    pub fn insert(&mut self, when: Time, item: T) -> TimerKey {
        // YOURS
        let number = self.set;
        self.set += 1;
        let index = self.heap.len();
        let place = self.places.insert(Place {
            index,
            number,
            item,
        });
        let due = Due { when, number };
        self.heap.push(Entry { due, place });
        self.rise(index);
        TimerKey { place, number }
        // STUB: todo!("set it, and return its key")
        // YOURS_END
    }
    // ANCHOR_END: insert

    /// Removes a timer and returns its item; `None` if it has come out or was removed before.
    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        // YOURS
        let index = self.get(key)?.index;
        Some(self.take_out(index))
        // STUB: todo!("take it out, wherever it is")
        // YOURS_END
    }

    /// The item of this timer; `None` if it has come out or was removed.
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        // YOURS
        let place = self.places.get_mut(key.place)?;
        (place.number == key.number).then_some(&mut place.item)
        // STUB: todo!("its item")
        // YOURS_END
    }

    /// Whether this timer is still set.
    #[must_use]
    pub fn contains(&self, key: TimerKey) -> bool {
        // YOURS
        self.get(key).is_some()
        // STUB: todo!("is it still set?")
        // YOURS_END
    }

    /// When the earliest timer is due.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        // YOURS
        Some(self.heap.first()?.due.when)
        // STUB: todo!("the time of the earliest")
        // YOURS_END
    }

    /// Removes the earliest timer if it is due at `now`: if its time is `now` or earlier. Returns the
    /// key that `insert` returned, and the item.
    pub fn pop_due(&mut self, now: Time) -> Option<(TimerKey, T)> {
        // YOURS
        let first = self.heap.first()?;
        if first.due.when > now {
            return None;
        }
        let key = TimerKey {
            place: first.place,
            number: first.due.number,
        };
        Some((key, self.take_out(0)))
        // STUB: todo!("the earliest, if it is due")
        // YOURS_END
    }

    /// How many timers are set.
    #[must_use]
    pub fn len(&self) -> usize {
        // YOURS
        self.heap.len()
        // STUB: todo!("how many are set")
        // YOURS_END
    }

    /// Whether no timer is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        // YOURS
        self.heap.is_empty()
        // STUB: todo!("is none set?")
        // YOURS_END
    }
    // YOURS

    fn get(&self, key: TimerKey) -> Option<&Place<T>> {
        let place = self.places.get(key.place)?;
        (place.number == key.number).then_some(place)
    }

    // ANCHOR: take_out
    /// Removes the entry at `index`. The last entry fills the gap, and then sinks or rises to its place.
    fn take_out(&mut self, index: usize) -> T {
        let entry = self.heap.swap_remove(index);
        if index < self.heap.len() {
            self.sink(index);
            self.rise(index);
        }
        self.places.remove(entry.place).item
    }
    // ANCHOR_END: take_out

    // ANCHOR: rise
    /// Moves an entry up until it is due no earlier than the one above it.
    fn rise(&mut self, mut index: usize) {
        while index > 0 {
            let above = (index - 1) / 2;
            if self.heap[above].due <= self.heap[index].due {
                break;
            }
            self.swap(above, index);
            index = above;
        }
        self.note_place(index);
    }

    /// Moves an entry down until it is due no later than those below it.
    fn sink(&mut self, mut index: usize) {
        while let Some(below) = self.earlier_below(index) {
            if self.heap[index].due <= self.heap[below].due {
                break;
            }
            self.swap(index, below);
            index = below;
        }
        self.note_place(index);
    }
    // ANCHOR_END: rise

    /// The earlier of the two entries below this one.
    fn earlier_below(&self, index: usize) -> Option<usize> {
        let left = 2 * index + 1;
        let right = left + 1;
        let due = |index: usize| self.heap.get(index).map(|entry| entry.due);
        match (due(left)?, due(right)) {
            (due, Some(other)) if other < due => Some(right),
            _ => Some(left),
        }
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.heap.swap(one, other);
        self.note_place(one);
        self.note_place(other);
    }

    fn note_place(&mut self, index: usize) {
        let place = self.heap[index].place;
        self.places[place].index = index;
    }
    // YOURS_END
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
