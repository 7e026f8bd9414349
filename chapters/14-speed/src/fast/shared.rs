//! The part of the loop that any thread may reach.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use event_loop::engine::{Entry, is_silent};
use event_loop::{Accept, Call, Observer, ReadyQueue, TaskId, Unparker};

use speed::Steps;
use speed::lifo_slot::RunQueue;
use speed::own_thread::{OwnThread, ThisThread};

use super::task_block::Queue;
use crate::sync::atomic::{AtomicBool, Ordering};

/// The queues, whether the loop is closed, and the observer.
pub(crate) struct Shared<O> {
    /// What other threads queue; everything, without [`Steps::queue`].
    pub(crate) ready: ReadyQueue<Entry>,
    /// What the loop's own thread queues.
    local: Option<OwnThread<Local>>,
    /// Written by the loop's own thread. Other threads may see it late: `ready` tells them for certain.
    closed: AtomicBool,
    pub(crate) observer: O,
}

/// The queue of the loop's own thread.
pub(crate) struct Local {
    entries: RefCell<RunQueue<Entry>>,
    /// Whether the loop runs. While it does not, its own thread queues where the others do, so that all
    /// entries are in the order of the calls.
    open: Cell<bool>,
    /// The task that is being polled, if the LIFO slot is in use.
    polled: Cell<Option<TaskId>>,
}

impl<O> Shared<O> {
    pub(crate) fn new(unparker: Unparker, observer: O, steps: Steps) -> Shared<O> {
        let local = steps.queue.then(|| {
            OwnThread::new(Local {
                entries: RefCell::default(),
                open: Cell::new(false),
                polled: Cell::new(None),
            })
        });
        Shared {
            ready: ReadyQueue::new(unparker),
            local,
            closed: AtomicBool::new(false),
            observer,
        }
    }

    /// Whether the loop is closed. Exact on the loop's own thread.
    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        // Relaxed: it publishes nothing.
        self.closed.load(Ordering::Relaxed)
    }

    /// Accepts no more entries, and returns the callbacks that were sent. The entries of tasks stay, in the loop's own
    /// queue: the main future may have closed its loop, and was woken.
    pub(crate) fn close(&self) -> Vec<Entry> {
        // Relaxed: see `is_closed`.
        self.closed.store(true, Ordering::Relaxed);
        let mut left = self.ready.close();
        if let Some(local) = self.local() {
            let mut entries = std::mem::take(&mut left);
            local.entries.borrow_mut().take_batch(&mut entries);
            for entry in entries {
                match entry {
                    Entry::Task(_) => local.entries.borrow_mut().push(entry),
                    Entry::Call(_) => left.push(entry),
                }
            }
        }
        left
    }

    /// The queue of the calling thread, if that is the loop's own, and the loop runs.
    #[inline]
    pub(crate) fn local(&self) -> Option<&Local> {
        self.local_of(ThisThread::get())
    }

    #[inline]
    fn local_of(&self, thread: ThisThread) -> Option<&Local> {
        let local = self.local.as_ref()?.get_on(thread)?;
        local.open.get().then_some(local)
    }

    /// A run of the loop begins.
    pub(crate) fn open_local(&self) {
        if let Some(local) = self.local.as_ref().and_then(OwnThread::get) {
            local.open.set(true);
        }
    }

    /// A run of the loop ends. Returns what has not run, for the next run.
    pub(crate) fn close_local(&self) -> Vec<Entry> {
        let mut left = Vec::new();
        if let Some(local) = self.local() {
            local.take_batch(&mut left);
            local.open.set(false);
        }
        left
    }

    /// Whether the loop's own thread has queued nothing.
    #[inline]
    pub(crate) fn is_local_empty(&self) -> bool {
        self.local()
            .is_none_or(|local| local.entries.borrow().is_empty())
    }
}

impl Local {
    /// Moves every entry to the end of `batch`.
    #[inline]
    pub(crate) fn take_batch(&self, batch: &mut Vec<Entry>) {
        self.entries.borrow_mut().take_batch(batch);
    }

    /// Appends an entry.
    #[inline]
    pub(crate) fn push(&self, entry: Entry) {
        self.entries.borrow_mut().push(entry);
    }

    /// Removes the entry of the LIFO slot, if the loop may run it now.
    #[inline]
    pub(crate) fn take_next(&self) -> Option<Entry> {
        self.entries.borrow_mut().take_next()
    }

    /// The tasks that are woken from now on go into the LIFO slot, except this one, which is polled.
    /// `None`: from now on they do not.
    #[inline]
    pub(crate) fn polls(&self, task: Option<TaskId>) {
        self.polled.set(task);
    }

    #[inline(always)]
    #[allow(clippy::inline_always)] // As `push`.
    fn push_task(&self, task: TaskId) {
        let mut entries = self.entries.borrow_mut();
        if self.polled.get().is_some_and(|polled| polled != task) {
            entries.push_next(Entry::Task(task));
        } else {
            entries.push(Entry::Task(task));
        }
    }
}

impl<O: Observer> Queue for Shared<O> {
    #[inline(always)]
    #[allow(clippy::inline_always)] // In the one function that wakes; a request takes fewer instructions so.
    fn push(&self, task: TaskId, thread: ThisThread) {
        // The task is queued even if the observer panics. The panic then goes to the caller of the waker.
        let told = if is_silent::<O>() {
            Ok(())
        } else {
            catch_unwind(AssertUnwindSafe(|| self.observer.woken(task)))
        };
        // ANCHOR: push
        match self.local_of(thread) {
            Some(local) => local.push_task(task),
            // Refused if the loop is closed: it polls no task any more.
            None => drop(self.ready.push(Entry::Task(task))),
        }
        // ANCHOR_END: push
        if let Err(panic) = told {
            resume_unwind(panic);
        }
    }
}

impl<O: Observer> Accept for Shared<O> {
    fn accept(&self, call: Call) -> bool {
        if self.is_closed() {
            return false; // Another thread may see this late. Then `ready` refuses.
        }
        match self.local() {
            Some(local) => {
                local.push(Entry::Call(call));
                true
            }
            None => self.ready.push(Entry::Call(call)).is_ok(),
        }
    }
}
