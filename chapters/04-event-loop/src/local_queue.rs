//! A wake from the loop's own thread takes no lock.
//!
//! Most wakes come from the thread that runs the loop: one task sends something to another. For these
//! the loop keeps a second queue in a thread-local, without a lock. A loop works without it, only
//! slower: `cargo run --release -p bench -- loop` shows by how much.
//!
//! Order: while the loop runs, everything that its own thread queues goes into this queue, tasks and
//! callbacks alike, also while one of its tasks runs another loop. So the entries of one thread stay in
//! the order in which they were queued.

use std::cell::RefCell;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::engine::Entry;
use crate::{Call, TaskId};

thread_local! {
    /// The queues of the loops that run on this thread.
    static RUNNING: RefCell<Running> = const { RefCell::new(Running::NONE) };
}

/// The queue of the innermost loop that runs on this thread, and of the loops whose tasks run it.
struct Running {
    /// The innermost loop, or 0 if this thread runs none.
    owner: u64,
    entries: Vec<Entry>,
    /// The loops around it, the innermost of them last.
    outer: Vec<(u64, Vec<Entry>)>,
}

impl Running {
    const NONE: Running = Running {
        owner: 0,
        entries: Vec::new(),
        outer: Vec::new(),
    };

    /// The queue of this loop, if it runs on this thread. Nearly always it is the innermost one.
    #[inline]
    fn queue_of(&mut self, id: u64) -> Option<&mut Vec<Entry>> {
        if self.owner == id {
            return Some(&mut self.entries);
        }
        let found = self.outer.iter_mut().rfind(|(owner, _)| *owner == id);
        found.map(|(_, entries)| entries)
    }
}

/// A loop's claim to a queue on the thread that runs it.
#[derive(Debug)]
pub(crate) struct LocalQueue {
    id: u64,
}

impl LocalQueue {
    pub(crate) fn new() -> LocalQueue {
        static IDS: AtomicU64 = AtomicU64::new(1);
        // Relaxed: the numbers only have to differ.
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        LocalQueue { id }
    }

    /// Opens the queue on this thread, until [`close`](LocalQueue::close). A loop that runs inside of this one closes its
    /// queue first, and only the innermost loop uses its queue.
    pub(crate) fn open(&self) {
        RUNNING.with_borrow_mut(|running| {
            let outer = (running.owner, mem::take(&mut running.entries));
            running.outer.push(outer);
            running.owner = self.id;
        });
    }

    /// Closes the queue, and returns what is in it.
    pub(crate) fn close(&self) -> Vec<Entry> {
        RUNNING.with_borrow_mut(|running| {
            debug_assert_eq!(running.owner, self.id);
            let (owner, entries) = running.outer.pop().unwrap_or_default();
            running.owner = owner;
            mem::replace(&mut running.entries, entries)
        })
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        RUNNING.with_borrow(|running| running.entries.is_empty())
    }

    /// Moves every entry to the end of `batch`, oldest first.
    #[inline]
    pub(crate) fn take(&self, batch: &mut Vec<Entry>) {
        RUNNING.with_borrow_mut(|running| {
            if batch.is_empty() {
                mem::swap(&mut running.entries, batch);
            } else {
                batch.append(&mut running.entries);
            }
        });
    }

    /// Puts entries into the queue, which must be empty.
    pub(crate) fn give(&self, entries: Vec<Entry>) {
        RUNNING.with_borrow_mut(|running| {
            debug_assert!(running.entries.is_empty());
            running.entries = entries;
        });
    }

    // ANCHOR: push
    /// Appends a task if this thread runs the loop; says whether it does. If not, the task belongs into
    /// the queue with the lock.
    #[inline]
    pub(crate) fn push_task(&self, task: TaskId) -> bool {
        // An error means that the thread is ending and its thread-locals are gone: it runs no loop.
        let pushed = RUNNING.try_with(|running| {
            let mut running = running.borrow_mut();
            let queue = running.queue_of(self.id);
            queue.map(|queue| queue.push(Entry::Task(task))).is_some()
        });
        pushed.unwrap_or(false)
    }
    // ANCHOR_END: push

    /// Appends a callback if this thread runs the loop.
    ///
    /// # Errors
    ///
    /// Gives the callback back if it does not.
    pub(crate) fn push_call(&self, call: Call) -> Result<(), Call> {
        let mut call = Some(call);
        let _ = RUNNING.try_with(|running| {
            if let Some(queue) = running.borrow_mut().queue_of(self.id) {
                queue.extend(call.take().map(Entry::Call));
            }
        });
        call.map_or(Ok(()), Err)
    }

    /// Takes out the callbacks, oldest first, and leaves the tasks: for a loop that is being closed.
    pub(crate) fn take_calls(&self) -> Vec<Entry> {
        let taken = RUNNING.try_with(|running| {
            let mut running = running.borrow_mut();
            let queue = running.queue_of(self.id)?;
            let (calls, tasks) = mem::take(queue)
                .into_iter()
                .partition(|entry| matches!(entry, Entry::Call(_)));
            *queue = tasks;
            Some(calls)
        });
        taken.ok().flatten().unwrap_or_default()
    }
}
