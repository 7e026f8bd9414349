//! What this chapter's loop has of its own: its queues, and its wakers.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::Waker;

use crate::engine::{Base, Engine, Entry, Wakers, is_silent};
use crate::local_queue::LocalQueue;
use crate::observer::Observer;
use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::{Accept, Call, Driver, ReadyQueue, Schedule, TaskId, TaskWaker, WeakWaker};

/// The part that any thread may use.
pub(crate) struct Shared<O> {
    ready: ReadyQueue<Entry>,
    local: LocalQueue,
    /// Written by the loop's own thread. Other threads may see it late: `ready` tells them for certain.
    closed: AtomicBool,
    observer: O,
}

impl<O> Shared<O> {
    /// Whether the loop is closed. Exact on the loop's own thread.
    fn is_closed(&self) -> bool {
        // Relaxed: it publishes nothing.
        self.closed.load(Ordering::Relaxed)
    }
}

impl<O: Observer> Schedule for Shared<O> {
    #[inline]
    fn schedule(&self, task: TaskId) {
        // The task is queued even if the observer panics. The panic then goes to the caller of the waker.
        let told = if is_silent::<O>() {
            Ok(())
        } else {
            catch_unwind(AssertUnwindSafe(|| self.observer.woken(task)))
        };
        if !self.local.push_task(task) {
            // Refused if the loop is closed: it polls no task any more.
            let _ = self.ready.push(Entry::Task(task));
        }
        if let Err(panic) = told {
            resume_unwind(panic);
        }
    }
}

impl<O: Observer> Accept for Shared<O> {
    fn accept(&self, call: Call) -> bool {
        // The local queue first, as for a task: so the order holds between callbacks and wakes of the
        // loop's own thread, whichever entry they took.
        if self.is_closed() {
            return false; // Another thread may see this late. Then `ready` refuses.
        }
        match self.local.push_call(call) {
            Ok(()) => true,
            Err(call) => self.ready.push(Entry::Call(call)).is_ok(),
        }
    }
}

/// The loop's own part.
pub(crate) struct Core<D, O> {
    pub(crate) base: Base<D, TaskWakers<O>>,
    shared: Arc<Shared<O>>,
}

impl<D: Driver + 'static, O: Observer> Core<D, O> {
    pub(crate) fn new(driver: D, observer: O) -> Core<D, O> {
        let ready = ReadyQueue::new(driver.unparker());
        Core {
            base: Base::new(driver),
            shared: Arc::new(Shared {
                ready,
                local: LocalQueue::new(),
                closed: AtomicBool::new(false),
                observer,
            }),
        }
    }
}

/// A task's waker, and the same waker once more for the loop's own part of it.
pub(crate) struct TaskWakers<O> {
    waker: Waker,
    task_waker: Arc<TaskWaker<Shared<O>>>,
}

impl<O: Observer> Wakers for TaskWakers<O> {
    fn waker(&self) -> Waker {
        self.waker.clone()
    }

    fn weak(&self) -> WeakWaker {
        WeakWaker::of(&self.task_waker)
    }

    #[inline]
    fn lend<R>(&self, poll: impl FnOnce(&Waker) -> R) -> R {
        poll(&self.waker)
    }

    #[inline]
    fn begin_poll(&self) -> bool {
        self.task_waker.begin_poll();
        true // A task is in one queue at a time.
    }

    fn retire(&self) {
        self.task_waker.retire();
    }
}

impl<D: Driver + 'static, O: Observer> Engine for Core<D, O> {
    type Driver = D;
    type Observer = O;
    type Wakers = TaskWakers<O>;

    #[inline]
    fn base(&self) -> &Base<D, TaskWakers<O>> {
        &self.base
    }

    #[inline]
    fn observer(&self) -> &O {
        &self.shared.observer
    }

    #[inline]
    fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }

    #[inline]
    fn ready(&self) -> &ReadyQueue<Entry> {
        &self.shared.ready
    }

    fn open_local(&self) {
        self.shared.local.open();
    }

    fn close_local(&self) -> Vec<Entry> {
        self.shared.local.close()
    }

    #[inline]
    fn is_local_empty(&self) -> bool {
        self.shared.local.is_empty()
    }

    #[inline]
    fn take_local(&self, batch: &mut Vec<Entry>) {
        self.shared.local.take(batch);
    }

    fn give_local(&self, entries: Vec<Entry>) {
        self.shared.local.give(entries);
    }

    fn close_queues(&self) -> Vec<Entry> {
        // Relaxed: see `Shared::is_closed`.
        self.shared.closed.store(true, Ordering::Relaxed);
        let calls = self.shared.local.take_calls();
        let mut left = Vec::new();
        for entry in self.shared.ready.close() {
            match entry {
                // Another thread has woken it. If it is the main future, which has closed its loop, it is polled once more. A loop
                // that does not run has no local queue, and the entry is dropped.
                Entry::Task(task) => drop(self.shared.local.push_task(task)),
                Entry::Call(_) => left.push(entry),
            }
        }
        left.extend(calls);
        left
    }

    fn new_wakers(&self, task: TaskId) -> TaskWakers<O> {
        let task_waker = TaskWaker::new(task, Arc::clone(&self.shared));
        TaskWakers {
            waker: Waker::from(Arc::clone(&task_waker)),
            task_waker,
        }
    }

    fn acceptor(&self) -> Arc<dyn Accept> {
        Arc::clone(&self.shared) as Arc<dyn Accept>
    }
}
