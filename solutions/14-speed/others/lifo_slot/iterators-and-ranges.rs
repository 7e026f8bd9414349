//! A linked list, an iterator of one entry as the slot, and a range that counts the row.

/// How many entries in a row come out of the slot at most.
pub const BOUND: u32 = 3;

/// See the exercise.
pub struct RunQueue<T> {
    entries: std::collections::LinkedList<T>,
    chosen: std::vec::IntoIter<T>,
    row: std::ops::Range<u32>,
}

impl<T> RunQueue<T> {
    /// An empty queue.
    pub fn new() -> RunQueue<T> {
        RunQueue {
            entries: std::collections::LinkedList::new(),
            chosen: Vec::new().into_iter(),
            row: 0..BOUND,
        }
    }

    /// Appends.
    pub fn push(&mut self, entry: T) {
        self.entries.push_back(entry);
    }

    /// Into the slot.
    pub fn push_next(&mut self, entry: T) {
        let older = std::mem::replace(&mut self.chosen, vec![entry].into_iter());
        self.entries.extend(older);
    }

    /// Out of the slot.
    pub fn take_next(&mut self) -> Option<T> {
        let next = self.chosen.next();
        match (next, self.row.next()) {
            (Some(next), Some(_)) => Some(next),
            (next, _) => {
                self.row = 0..BOUND;
                self.entries.extend(next);
                None
            }
        }
    }

    /// Everything.
    pub fn take_batch(&mut self, batch: &mut Vec<T>) {
        let entries = std::mem::take(&mut self.entries);
        batch.extend(entries.into_iter().chain(&mut self.chosen));
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.chosen.as_slice().is_empty()
    }
}

impl<T> Default for RunQueue<T> {
    fn default() -> RunQueue<T> {
        RunQueue::new()
    }
}
