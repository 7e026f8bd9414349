//! A hierarchical timer wheel: timers that are set and removed in constant time.

use std::fmt;

// YOURS
use speed::lists::{Arena, List};

// YOURS_END
/// A set of timers, each with an item that comes out when the timer is due.
///
/// The wheel counts *ticks*, from 0 to `u64::MAX`. What a tick is, its owner says: see
/// [`Timers`](speed::timers::Timers).
///
/// - A timer never comes out before its tick. The earliest comes out first. Timers for the same tick
///   come out in the order in which they were set.
/// - [`insert`](Wheel::insert), [`remove`](Wheel::remove) and [`next`](Wheel::next) take constant time,
///   however many timers are set. [`pop_due`](Wheel::pop_due) spends no time on a timer that is not
///   due, but to move it closer, a few times in its life.
/// - Ticks that no timer waits for cost nothing: a year may pass between two calls.
/// - A removed timer leaves nothing behind: its item is returned, and memory for it is free for the
///   next timer.
// YOURS
///
/// G. Varghese and A. Lauck, *Hashed and Hierarchical Timing Wheels*, SOSP 1987: scheme 7. A tick is
/// written with 11 digits of 6 bits. A timer stands at the level of the highest digit in which its
/// tick differs from the wheel's, in the slot of that digit. So all timers of a level are due before
/// those of the level above, and each level's slots are in order.
// YOURS_END
pub struct Wheel<T> {
    // YOURS
    /// No timer in a slot is due before this tick.
    elapsed: u64,
    entries: Arena<Entry<T>>,
    /// 64 slots for each level, and the last for timers that were set for a tick before `elapsed`,
    /// sorted.
    slots: Vec<Slot>,
    /// For each level, one bit for each slot that has timers.
    occupied: [u64; LEVELS],
    set: u64,
    // STUB: entries: Vec<(u64, u64, T)>, // Yours to replace.
    // YOURS_END
}
// YOURS

// ANCHOR: fields
const BITS: u32 = 6;
const SLOTS: usize = 1 << BITS;
const LEVELS: usize = u64::BITS.div_ceil(BITS) as usize;

/// The slot of the timers that were set for a tick that has passed.
const OVERDUE: usize = LEVELS * SLOTS;

/// How many timers `remove` looks at for the new earliest of a slot.
const LOOK_AT: usize = 16;

struct Slot {
    timers: List,
    /// No timer of this slot is due before this tick.
    earliest: u64,
}

struct Entry<T> {
    due: u64,
    number: u64,
    slot: usize,
    item: T,
}
// ANCHOR_END: fields
// YOURS_END

/// Names one timer of one [`Wheel`]. No later timer has the same key, even after this one has come
/// out or was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WheelKey {
    // YOURS
    index: usize,
    number: u64,
    // STUB: number: u64, // Yours to replace.
    // YOURS_END
}

impl<T> Wheel<T> {
    /// No timers, at tick 0.
    #[must_use]
    pub fn new() -> Wheel<T> {
        // YOURS
        let slot = || Slot {
            timers: List::new(),
            earliest: u64::MAX,
        };
        Wheel {
            elapsed: 0,
            entries: Arena::new(),
            slots: std::iter::repeat_with(slot).take(OVERDUE + 1).collect(),
            occupied: [0; LEVELS],
            set: 0,
        }
        // STUB: todo!("no timers")
        // YOURS_END
    }

    // ANCHOR: insert
    /// Sets a timer, so that `item` comes out at the tick `due`. Any number of timers may be set, for
    /// any tick. A timer for a tick that has passed is due at once.
    pub fn insert(&mut self, due: u64, item: T) -> WheelKey {
        // YOURS
        let number = self.set;
        self.set += 1;
        let index = self.entries.insert(Entry {
            due,
            number,
            slot: OVERDUE,
            item,
        });
        self.place(index, due);
        WheelKey { index, number }
        // STUB: todo!("set it, and return its key")
        // YOURS_END
    }
    // ANCHOR_END: insert

    // ANCHOR: remove
    /// Removes a timer and returns its item; `None` if it has come out or was removed before.
    pub fn remove(&mut self, key: WheelKey) -> Option<T> {
        // YOURS
        self.get(key)?;
        Some(self.take_out(key.index).item)
        // STUB: todo!("take it out, wherever it is")
        // YOURS_END
    }
    // ANCHOR_END: remove

    /// The item of this timer; `None` if it has come out or was removed.
    pub fn get_mut(&mut self, key: WheelKey) -> Option<&mut T> {
        // YOURS
        let entry = self.entries.get_mut(key.index)?;
        (entry.number == key.number).then_some(&mut entry.item)
        // STUB: todo!("its item")
        // YOURS_END
    }

    /// Whether this timer is still set.
    #[must_use]
    pub fn contains(&self, key: WheelKey) -> bool {
        // YOURS
        self.get(key).is_some()
        // STUB: todo!("is it still set?")
        // YOURS_END
    }

    /// The tick until which a loop may sleep; `None` if no timer is set.
    ///
    /// It is never later than the earliest timer. It may be earlier: a loop that wakes then finds no
    /// timer due, and asks again. At most 16 times in a row the answer may be too early, if after
    /// each one the loop calls [`pop_due`](Wheel::pop_due) with it.
    // YOURS
    ///
    /// This wheel's answer is the earliest timer's tick, unless the earliest of a slot was removed
    /// from among more than 16.
    // YOURS_END
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        // YOURS
        if let Some(first) = self.slots[OVERDUE].timers.first() {
            return Some(self.entries[first].due);
        }
        let (level, slot) = self.first_slot()?;
        if level == 0 {
            return Some(self.start(level, slot));
        }
        Some(self.slots[slot].earliest)
        // STUB: todo!("no later than the earliest")
        // YOURS_END
    }

    // ANCHOR: pop_due
    /// Removes the earliest timer if it is due at the tick `now`: if its tick is `now` or earlier.
    /// Returns the key that `insert` returned, and the item.
    ///
    /// `now` does not have to be later than in the call before.
    pub fn pop_due(&mut self, now: u64) -> Option<(WheelKey, T)> {
        // YOURS
        if let Some(first) = self.slots[OVERDUE].timers.first() {
            return (self.entries[first].due <= now).then(|| self.come_out(first));
        }
        while let Some((level, slot)) = self.first_slot() {
            let start = self.start(level, slot);
            if start > now {
                break;
            }
            self.elapsed = start;
            if level == 0 {
                let first = self.slots[slot].timers.first()?;
                return Some(self.come_out(first));
            }
            self.cascade(slot);
        }
        self.elapsed = self.elapsed.max(now);
        None
        // STUB: todo!("the earliest, if it is due")
        // YOURS_END
    }
    // ANCHOR_END: pop_due

    /// How many timers are set.
    #[must_use]
    pub fn len(&self) -> usize {
        // YOURS
        self.entries.len()
        // STUB: todo!("how many are set")
        // YOURS_END
    }

    /// Whether no timer is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        // YOURS
        self.entries.is_empty()
        // STUB: todo!("is none set?")
        // YOURS_END
    }
    // YOURS

    fn get(&self, key: WheelKey) -> Option<&Entry<T>> {
        let entry = self.entries.get(key.index)?;
        (entry.number == key.number).then_some(entry)
    }

    // ANCHOR: slot_of
    /// The slot for a tick that has not passed: the level is that of the highest digit in which it
    /// differs from `elapsed`.
    fn slot_of(&self, due: u64) -> usize {
        let differs = (due ^ self.elapsed) | 1;
        let level = differs.ilog2() / BITS;
        let digit = (due >> (level * BITS)) as usize % SLOTS;
        level as usize * SLOTS + digit
    }

    /// The first tick of a slot: the higher digits are those of `elapsed`, the lower ones are zero.
    fn start(&self, level: usize, slot: usize) -> u64 {
        let shift = level as u32 * BITS;
        let higher = u64::MAX.checked_shl(shift + BITS).unwrap_or(0);
        (self.elapsed & higher) | ((slot % SLOTS) as u64) << shift
    }

    /// The level and slot of the earliest timer that is not overdue.
    fn first_slot(&self) -> Option<(usize, usize)> {
        let level = self.occupied.iter().position(|slots| *slots != 0)?;
        let digit = self.occupied[level].trailing_zeros() as usize;
        Some((level, level * SLOTS + digit))
    }
    // ANCHOR_END: slot_of

    // ANCHOR: place
    /// Puts an entry that is in no list where its tick belongs.
    fn place(&mut self, index: usize, due: u64) {
        if due < self.elapsed {
            return self.place_overdue(index, due);
        }
        let slot = self.slot_of(due);
        self.entries[index].slot = slot;
        let Slot { timers, earliest } = &mut self.slots[slot];
        *earliest = due.min(*earliest);
        self.entries.link_back(timers, index);
        self.occupied[slot / SLOTS] |= 1 << (slot % SLOTS);
    }

    /// Distributes the timers of a slot that `elapsed` has entered, in their order.
    fn cascade(&mut self, slot: usize) {
        let mut next = self.slots[slot].timers.first();
        self.clear(slot);
        while let Some(index) = next {
            next = self.entries.after(index);
            self.place(index, self.entries[index].due);
        }
    }
    // ANCHOR_END: place

    /// Sorted, because such timers may be set in any order. The caller most often sets them in theirs.
    fn place_overdue(&mut self, index: usize, due: u64) {
        let timers = &mut self.slots[OVERDUE].timers;
        let mut before = timers.last();
        while let Some(later) = before.filter(|before| self.entries[*before].due > due) {
            before = self.entries.before(later);
        }
        self.entries.link_after(timers, before, index);
    }

    fn clear(&mut self, slot: usize) {
        self.slots[slot].timers = List::new();
        self.slots[slot].earliest = u64::MAX;
        if slot != OVERDUE {
            self.occupied[slot / SLOTS] &= !(1 << (slot % SLOTS));
        }
    }

    // ANCHOR: take_out
    fn take_out(&mut self, index: usize) -> Entry<T> {
        let Entry { due, slot, .. } = self.entries[index];
        self.entries.unlink(&mut self.slots[slot].timers, index);
        if self.slots[slot].timers.is_empty() {
            self.clear(slot);
        } else if due == self.slots[slot].earliest {
            self.look_for_earliest(slot);
        }
        self.entries.remove(index)
    }

    /// Corrects `earliest`, if the slot has few timers. In a longer one it stays, and is too early:
    /// a loop wakes once for nothing, and a removal takes constant time.
    fn look_for_earliest(&mut self, slot: usize) {
        let first = self.slots[slot].timers.first();
        let all = || std::iter::successors(first, |index| self.entries.after(*index));
        if all().nth(LOOK_AT).is_none() {
            let earliest = all().map(|index| self.entries[index].due).min();
            self.slots[slot].earliest = earliest.unwrap_or(u64::MAX);
        }
    }
    // ANCHOR_END: take_out

    fn come_out(&mut self, index: usize) -> (WheelKey, T) {
        let Entry { number, item, .. } = self.take_out(index);
        (WheelKey { index, number }, item)
    }
    // YOURS_END
}

impl<T> Default for Wheel<T> {
    fn default() -> Wheel<T> {
        Wheel::new()
    }
}

impl<T> fmt::Debug for Wheel<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Wheel")
            .field("len", &self.len())
            .field("next", &self.next())
            .finish()
    }
}
