//! A queue with one place for the entry that runs next.

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
pub struct RunQueue<T> {
    entries: Vec<T>, // Yours to replace.
}

impl<T> RunQueue<T> {
    /// An empty queue.
    #[must_use]
    pub fn new() -> RunQueue<T> {
        todo!("an empty queue")
    }

    /// Appends an entry to the queue.
    #[inline]
    pub fn push(&mut self, entry: T) {
        todo!("to the back of the queue")
    }

    /// Puts an entry into the slot. An entry that is in the slot already goes to the back of the queue.
    pub fn push_next(&mut self, entry: T) {
        todo!("into the slot; where does the older one go?")
    }

    /// Removes the entry of the slot, which the loop runs now. The loop calls this after each entry that
    /// it has run, until it returns `None`.
    ///
    /// After [`BOUND`] entries in a row it returns `None`: then the entry of the slot, if there is one, goes
    /// to the back of the queue. Each `None` ends the row, and nothing else does. The call after a `None`
    /// may return an entry again.
    pub fn take_next(&mut self) -> Option<T> {
        todo!("the entry of the slot, unless too many came out of it in a row")
    }

    /// Moves every entry to the end of `batch`: those of the queue, oldest first, and then that of the slot.
    /// The loop calls this when an iteration begins.
    pub fn take_batch(&mut self, batch: &mut Vec<T>) {
        todo!("everything that is here")
    }

    /// Whether neither the queue nor the slot has an entry. If so, the loop may sleep.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        todo!("may the loop sleep?")
    }
}

impl<T> Default for RunQueue<T> {
    fn default() -> RunQueue<T> {
        RunQueue::new()
    }
}
