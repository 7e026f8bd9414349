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

use crate::TaskId;
use crate::core::{Call, Entry};

thread_local! {
    /// The queues of the loops that run on this thread, the innermost loop's last.
    static RUNNING: RefCell<Vec<Running>> = const { RefCell::new(Vec::new()) };
}

/// The queue of one loop that runs on this thread.
struct Running {
    owner: u64,
    entries: Vec<Entry>,
}

/// A loop's claim to a queue on the thread that runs it.
#[derive(Debug)]
pub(crate) struct LocalQueue {
    id: u64,
}

impl LocalQueue {
    pub(crate) fn new() -> LocalQueue {
        static IDS: AtomicU64 = AtomicU64::new(0);
        // Relaxed: the numbers only have to differ.
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        LocalQueue { id }
    }

    /// Opens the queue on this thread until the guard is dropped.
    pub(crate) fn open(&self) -> OpenQueue {
        let running = Running {
            owner: self.id,
            entries: Vec::new(),
        };
        RUNNING.with_borrow_mut(|all| {
            all.push(running);
            OpenQueue {
                depth: all.len() - 1,
            }
        })
    }

    // ANCHOR: push
    /// Appends a task if this thread runs the loop; says whether it does. If not, the task belongs into
    /// the queue with the lock.
    #[inline]
    pub(crate) fn push_task(&self, task: TaskId) -> bool {
        // An error means that the thread is ending and its thread-locals are gone: it runs no loop.
        let pushed = RUNNING.try_with(|all| {
            let mut all = all.borrow_mut();
            let own = all.iter_mut().rfind(|running| running.owner == self.id);
            own.map(|own| own.entries.push(Entry::Task(task))).is_some()
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
        let _ = RUNNING.try_with(|all| {
            let mut all = all.borrow_mut();
            let own = all.iter_mut().rfind(|running| running.owner == self.id);
            if let Some(own) = own {
                own.entries.extend(call.take().map(Entry::Call));
            }
        });
        call.map_or(Ok(()), Err)
    }

    /// Takes out the callbacks, oldest first, and leaves the tasks: for a loop that is being closed.
    pub(crate) fn take_calls(&self) -> Vec<Entry> {
        let taken = RUNNING.try_with(|all| {
            let mut all = all.borrow_mut();
            let own = all.iter_mut().find(|running| running.owner == self.id)?;
            let (calls, tasks) = mem::take(&mut own.entries)
                .into_iter()
                .partition(|entry| matches!(entry, Entry::Call(_)));
            own.entries = tasks;
            Some(calls)
        });
        taken.ok().flatten().unwrap_or_default()
    }
}

/// Keeps a loop's queue open on this thread: see [`LocalQueue::open`].
pub(crate) struct OpenQueue {
    /// Where the queue stands among those of this thread. Guards are dropped innermost first.
    depth: usize,
}

impl OpenQueue {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        RUNNING.with_borrow(|all| all[self.depth].entries.is_empty())
    }

    /// Moves every entry to the end of `batch`, oldest first.
    #[inline]
    pub(crate) fn take(&self, batch: &mut Vec<Entry>) {
        RUNNING.with_borrow_mut(|all| {
            let entries = &mut all[self.depth].entries;
            if batch.is_empty() {
                mem::swap(entries, batch);
            } else {
                batch.append(entries);
            }
        });
    }
}

impl Drop for OpenQueue {
    fn drop(&mut self) {
        // Returned from the borrow before it is dropped: a callback's destructor may queue something.
        let closed = RUNNING.with_borrow_mut(Vec::pop);
        drop(closed);
    }
}
