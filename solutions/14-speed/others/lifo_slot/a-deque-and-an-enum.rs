//! One deque for both: the entry of the slot stands at its front, and an enum says whether it does.
//! A queue with one place for the entry that runs next.

use std::collections::VecDeque;

/// How many entries in a row come out of the slot at most.
pub const BOUND: u32 = 3;

#[derive(Clone, Copy)]
enum Slot {
    /// The front of the deque is the slot's.
    Full,
    Empty,
}

/// See the exercise.
pub struct RunQueue<T> {
    entries: VecDeque<T>,
    slot: Slot,
    /// How many more may come out of the slot in this row.
    left: u32,
}

impl<T> RunQueue<T> {
    /// An empty queue.
    #[must_use]
    pub fn new() -> RunQueue<T> {
        RunQueue {
            entries: VecDeque::new(),
            slot: Slot::Empty,
            left: BOUND,
        }
    }

    /// Appends an entry.
    pub fn push(&mut self, entry: T) {
        self.entries.push_back(entry);
    }

    fn clear_slot(&mut self) {
        if let Slot::Full = self.slot {
            self.slot = Slot::Empty;
            self.entries.rotate_left(1);
        }
    }

    /// Into the slot.
    pub fn push_next(&mut self, entry: T) {
        self.clear_slot();
        self.entries.push_front(entry);
        self.slot = Slot::Full;
    }

    /// Out of the slot.
    pub fn take_next(&mut self) -> Option<T> {
        match (self.slot, self.left) {
            (Slot::Full, 1..) => {
                self.left -= 1;
                self.slot = Slot::Empty;
                self.entries.pop_front()
            }
            _ => {
                self.left = BOUND;
                self.clear_slot();
                None
            }
        }
    }

    /// Everything.
    pub fn take_batch(&mut self, batch: &mut Vec<T>) {
        self.clear_slot();
        batch.extend(self.entries.drain(..));
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<T> Default for RunQueue<T> {
    fn default() -> RunQueue<T> {
        RunQueue::new()
    }
}
