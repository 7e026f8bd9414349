//! What this chapter's loop has of its own: two queues, and tasks with their wakers.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Poll, Waker};
use std::thread;

use crate::engine::{Base, Engine, Entry, is_silent};
use crate::local_queue::LocalQueue;
use crate::observer::{End, Observer};
use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::tasks::{Abort, Task, Tasks};
use crate::{
    Accept, BoxedTask, Call, Driver, Origin, ReadyQueue, Schedule, TaskId, TaskWaker, WeakWaker,
};

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
    pub(crate) base: Base<D>,
    shared: Arc<Shared<O>>,
    pub(crate) tasks: RefCell<Tasks<Shared<O>>>,
}

/// What the loop keeps of the waker of the main future, once more for the loop's own part of it.
pub(crate) struct MainWaker<O> {
    waker: Waker,
    task_waker: Arc<TaskWaker<Shared<O>>>,
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
            tasks: RefCell::new(Tasks::new()),
        }
    }

    /// Polls a future, a task's or the main one, whose poll begins.
    #[inline]
    fn poll<F: Future + ?Sized>(
        &self,
        id: TaskId,
        task_waker: &TaskWaker<Shared<O>>,
        waker: &Waker,
        future: Pin<&mut F>,
    ) -> Poll<thread::Result<F::Output>> {
        task_waker.begin_poll();
        self.poll_future(id, waker, future, |completed| {
            if completed {
                task_waker.retire();
            }
        })
    }

    /// Drops what is left of a task. Nothing is borrowed while its destructors run.
    fn end(&self, id: TaskId, task: Task<Shared<O>>, end: End) {
        task.task_waker.retire();
        self.tasks.borrow_mut().remove(id);
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(task)));
        self.finished(id, end, dropped);
    }
}

impl<D: Driver + 'static, O: Observer> Engine for Core<D, O> {
    type Driver = D;
    type Observer = O;
    type MainWaker = MainWaker<O>;

    #[inline]
    fn base(&self) -> &Base<D> {
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
        let mut left = self.shared.ready.close();
        left.extend(calls);
        left
    }

    fn add(&self, future: BoxedTask, origin: Origin) -> (TaskId, Waker) {
        let (id, task_waker) = self.tasks.borrow_mut().add(future, &self.shared);
        self.tell_spawned(id, origin, || WeakWaker::of(&task_waker));
        (id, Waker::from(task_waker))
    }

    fn add_main(&self, origin: Origin) -> (TaskId, MainWaker<O>) {
        let task = self.tasks.borrow_mut().id_outside();
        let task_waker = TaskWaker::new(task, Arc::clone(&self.shared));
        self.tell_spawned(task, origin, || WeakWaker::of(&task_waker));
        let waker = Waker::from(Arc::clone(&task_waker));
        waker.wake_by_ref();
        (task, MainWaker { waker, task_waker })
    }

    #[inline]
    fn poll_task(&self, id: TaskId) {
        let Some(mut task) = self.tasks.borrow_mut().take(id) else {
            return;
        };
        let future = task.future.as_mut();
        match self.poll(id, &task.task_waker, &task.waker, future) {
            Poll::Pending => {
                let suspended = self.tasks.borrow_mut().put_back(id, task);
                if let Err(aborted) = suspended {
                    self.end(id, aborted, End::Dropped);
                }
            }
            Poll::Ready(output) => {
                self.end(id, task, End::of(&output));
                if let Err(panic) = output {
                    self.unretrieved(Some(id), panic);
                }
            }
        }
    }

    fn poll_main<F: Future + ?Sized>(
        &self,
        task: TaskId,
        main: &MainWaker<O>,
        future: Pin<&mut F>,
    ) -> Option<Poll<thread::Result<F::Output>>> {
        Some(self.poll(task, &main.task_waker, &main.waker, future))
    }

    fn abort_task(&self, id: TaskId) -> bool {
        let abort = self.tasks.borrow_mut().abort(id);
        match abort {
            Abort::Drop(task) => self.end(id, task, End::Dropped),
            Abort::Later => {}
            Abort::Over => return false,
        }
        true
    }

    fn is_suspended(&self, id: TaskId) -> bool {
        self.tasks.borrow().is_suspended(id)
    }

    fn ids(&self) -> Vec<TaskId> {
        self.tasks.borrow().ids()
    }

    fn acceptor(&self) -> Arc<dyn Accept> {
        Arc::clone(&self.shared) as Arc<dyn Accept>
    }
}
