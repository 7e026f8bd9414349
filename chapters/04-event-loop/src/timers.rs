//! What is to happen at what time, the earliest first.

use std::fmt;

// YOURS
use slab::Slab;

// YOURS_END
use event_loop::Time;

/// A set of timers, each with something to hand out when it is due: in a loop, a waker.
///
/// The next one is at hand at once; setting one and taking one back costs in the worst case as many
/// steps as the number of timers has binary digits. Those of one instant come out in the order in
/// which they were set. One that is taken back leaves nothing behind.
// YOURS
///
/// A binary heap (Williams, 1964) whose entries know where they stand, so that one in the middle can
/// be taken out.
// YOURS_END
pub struct Timers<T> {
    // YOURS
    /// Each entry is due no later than the two below it, which stand at twice its index, plus one
    /// and plus two.
    heap: Vec<Entry>,
    /// What each entry hands out, and where in the heap it stands.
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

/// Which timer. It stays the name of that one alone, also when that one is gone.
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
    /// Sets a timer: at `when`, `item` is due.
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
        // STUB: todo!("set it, and give it a name")
        // YOURS_END
    }
    // ANCHOR_END: insert

    /// Takes a timer back, with what it held; `None` if it was due and handed out, or taken back
    /// before.
    pub fn remove(&mut self, key: TimerKey) -> Option<T> {
        // YOURS
        let index = self.get(key)?.index;
        Some(self.take_out(index))
        // STUB: todo!("take it out, wherever it stands")
        // YOURS_END
    }

    /// What a timer that is still set will hand out.
    pub fn get_mut(&mut self, key: TimerKey) -> Option<&mut T> {
        // YOURS
        let place = self.places.get_mut(key.place)?;
        (place.number == key.number).then_some(&mut place.item)
        // STUB: todo!("what it holds")
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

    /// When the next one is due.
    #[must_use]
    pub fn next(&self) -> Option<Time> {
        // YOURS
        Some(self.heap.first()?.due.when)
        // STUB: todo!("the time of the earliest")
        // YOURS_END
    }

    /// Takes out the earliest one, if it is due at `now`: if its time is not later than that. The key
    /// is the one that `insert` gave.
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

    /// How many are set.
    #[must_use]
    pub fn len(&self) -> usize {
        // YOURS
        self.heap.len()
        // STUB: todo!("how many are set")
        // YOURS_END
    }

    /// Whether none is set.
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
    /// Takes out the entry at `index`. The last one takes its place, and goes where it belongs.
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
