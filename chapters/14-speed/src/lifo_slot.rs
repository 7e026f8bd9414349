//! A queue with one place for the entry that runs next.

// YOURS
use std::mem;

// YOURS_END
/// How many entries in a row come out of the slot at most.
pub const BOUND: u32 = 3;

/// The queue of a loop's own thread: entries in order, and a **LIFO slot** for one entry that runs before
/// all of them.
///
/// A task that sends something to another task puts it into the slot. So the receiver runs next, while
/// what was sent is in the processor's cache, and without another iteration of the loop.
///
/// Two tasks that answer each other would keep the slot full forever. So after [`BOUND`] entries in a
/// row the next one goes to the back of the queue, behind the entries that have waited.
// YOURS
#[derive(Debug)]
// YOURS_END
pub struct RunQueue<T> {
    // YOURS
    entries: Vec<T>,
    next: Option<T>,
    /// How many entries in a row came out of the slot.
    in_a_row: u32,
    // STUB: entries: Vec<T>, // Yours to replace.
    // YOURS_END
}

impl<T> RunQueue<T> {
    /// An empty queue.
    #[must_use]
    pub fn new() -> RunQueue<T> {
        // YOURS
        RunQueue {
            entries: Vec::new(),
            next: None,
            in_a_row: 0,
        }
        // STUB: todo!("an empty queue")
        // YOURS_END
    }

    /// Appends an entry to the queue.
    #[inline]
    pub fn push(&mut self, entry: T) {
        // YOURS
        self.entries.push(entry);
        // STUB: todo!("to the back of the queue")
        // YOURS_END
    }

    // ANCHOR: push_next
    /// Puts an entry into the slot. An entry that is in the slot already goes to the back of the queue.
    pub fn push_next(&mut self, entry: T) {
        // YOURS
        let older = self.next.replace(entry);
        self.entries.extend(older);
        // STUB: todo!("into the slot; where does the older one go?")
        // YOURS_END
    }
    // ANCHOR_END: push_next

    // ANCHOR: take_next
    /// Removes the entry of the slot, which the loop runs now. The loop calls this after each entry that
    /// it has run, until it returns `None`.
    ///
    /// After [`BOUND`] entries in a row it returns `None`: then the entry of the slot, if there is one, goes
    /// to the back of the queue. Each `None` ends the row, and nothing else does. The call after a `None`
    /// may return an entry again.
    pub fn take_next(&mut self) -> Option<T> {
        // YOURS
        if self.in_a_row < BOUND
            && let Some(next) = self.next.take()
        {
            self.in_a_row += 1;
            return Some(next);
        }
        self.in_a_row = 0;
        self.entries.extend(self.next.take());
        None
        // STUB: todo!("the entry of the slot, unless too many came out of it in a row")
        // YOURS_END
    }
    // ANCHOR_END: take_next

    // ANCHOR: take_batch
    /// Moves every entry to the end of `batch`: those of the queue, oldest first, and then that of the slot.
    /// The loop calls this when an iteration begins.
    pub fn take_batch(&mut self, batch: &mut Vec<T>) {
        // YOURS
        self.entries.extend(self.next.take());
        if batch.is_empty() {
            mem::swap(&mut self.entries, batch); // Both keep their memory.
        } else {
            batch.append(&mut self.entries);
        }
        // STUB: todo!("everything that is here")
        // YOURS_END
    }
    // ANCHOR_END: take_batch

    /// Whether neither the queue nor the slot has an entry. If so, the loop may sleep.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        // YOURS
        self.entries.is_empty() && self.next.is_none()
        // STUB: todo!("may the loop sleep?")
        // YOURS_END
    }
}

impl<T> Default for RunQueue<T> {
    fn default() -> RunQueue<T> {
        RunQueue::new()
    }
}
