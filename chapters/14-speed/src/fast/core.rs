//! What this loop has of its own, for chapter 04's `Engine`: its queues, and tasks with their blocks.

use std::cell::RefCell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Poll, Waker};
use std::thread;

use event_loop::engine::{Base, Engine, Entry, is_silent};
use event_loop::{Accept, BoxedTask, Driver, End, Observer, Origin, ReadyQueue, TaskId, WeakWaker};

use speed::Steps;

use super::raw_waker::Lent;
use super::shared::Shared;
use super::task_block::Keeper;
use super::tasks::{Abort, Taken, Task, Tasks};
use crate::sync::Arc;

/// The loop's own part.
pub(crate) struct Core<D, O: Observer> {
    pub(crate) base: Base<D>,
    shared: Arc<Shared<O>>,
    pub(crate) tasks: RefCell<Tasks<Shared<O>>>,
    steps: Steps,
}

impl<D: Driver + 'static, O: Observer> Core<D, O> {
    pub(crate) fn new(driver: D, observer: O, steps: Steps) -> Core<D, O> {
        let shared = Shared::new(driver.unparker(), observer, steps);
        Core {
            base: Base::new(driver),
            shared: Arc::new(shared),
            tasks: RefCell::new(Tasks::new(steps)),
            steps,
        }
    }

    /// Polls a future, a task's or the main one, whose poll has begun.
    #[inline]
    fn poll<F: Future + ?Sized>(
        &self,
        id: TaskId,
        keeper: &Keeper<Shared<O>>,
        future: Pin<&mut F>,
    ) -> Poll<thread::Result<F::Output>> {
        if self.steps.lifo {
            self.use_slot(Some(id));
        }
        let waker = Lent::of(keeper.block());
        self.poll_future(id, &waker, future, |completed| {
            if self.steps.lifo {
                self.use_slot(None);
            }
            if completed {
                keeper.retire();
            }
        })
    }

    /// From now on the tasks that are woken go into the LIFO slot, except this one; `None`: they do not.
    #[cold]
    #[inline(never)]
    fn use_slot(&self, polled: Option<TaskId>) {
        if let Some(local) = self.shared.local() {
            local.polls(polled);
        }
    }

    /// Drops what is left of a task. Nothing is borrowed while its destructors run.
    fn end(&self, id: TaskId, task: Task<Shared<O>>, end: End) {
        let Task { future, keeper } = task;
        keeper.retire();
        self.tasks.borrow_mut().remove(id);
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(future)));
        self.tasks.borrow_mut().reuse(keeper);
        self.finished(id, end, dropped);
    }
}

impl<D: Driver + 'static, O: Observer> Engine for Core<D, O> {
    type Driver = D;
    type Observer = O;
    type MainWaker = Keeper<Shared<O>>;

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
        self.shared.open_local();
    }

    fn close_local(&self) -> Vec<Entry> {
        self.shared.close_local()
    }

    #[inline]
    fn is_local_empty(&self) -> bool {
        self.shared.is_local_empty()
    }

    #[inline]
    fn take_local(&self, batch: &mut Vec<Entry>) {
        if let Some(local) = self.shared.local() {
            local.take_batch(batch);
        }
    }

    fn give_local(&self, entries: Vec<Entry>) {
        for entry in entries {
            match self.shared.local() {
                Some(local) => local.push(entry),
                None => drop(self.shared.ready.push(entry)),
            }
        }
    }

    #[inline]
    fn has_slot(&self) -> bool {
        self.steps.lifo
    }

    fn take_next(&self) -> Option<Entry> {
        self.shared.local()?.take_next()
    }

    fn close_queues(&self) -> Vec<Entry> {
        self.shared.close()
    }

    fn add(&self, future: BoxedTask, origin: Origin) -> (TaskId, Waker) {
        let mut tasks = self.tasks.borrow_mut();
        let (id, keeper) = tasks.add(future, &self.shared);
        let waker = keeper.waker();
        if is_silent::<O>() {
            return (id, waker);
        }
        let weak = WeakWaker::of(keeper.block());
        drop(tasks);
        self.tell_spawned(id, origin, || weak);
        (id, waker)
    }

    fn add_main(&self, origin: Origin) -> (TaskId, Keeper<Shared<O>>) {
        let (task, keeper) = self.tasks.borrow_mut().add_outside(&self.shared);
        self.tell_spawned(task, origin, || WeakWaker::of(keeper.block()));
        keeper.waker().wake();
        (task, keeper)
    }

    #[inline]
    fn poll_task(&self, id: TaskId) {
        let taken = self.tasks.borrow_mut().take(id);
        let Taken::Task(mut task) = taken else {
            return;
        };
        match self.poll(id, &task.keeper, task.future.as_mut()) {
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
        keeper: &Keeper<Shared<O>>,
        future: Pin<&mut F>,
    ) -> Option<Poll<thread::Result<F::Output>>> {
        // Two threads may have woken it: it was polled since then.
        (keeper.begin_poll()).then(|| self.poll(task, keeper, future))
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
