//! What this loop has of its own, for chapter 04's [`Engine`]: its queues, and its wakers.

use std::cell::RefCell;
use std::task::Waker;

use event_loop::engine::{Base, Engine, Entry, Wakers};
use event_loop::{Accept, Driver, Observer, ReadyQueue, TaskId, WeakWaker};

use speed::Steps;

use super::raw_waker::Lent;
use super::shared::Shared;
use super::spare::Spare;
use super::task_block::{Keeper, Queue};
use crate::sync::Arc;

/// The loop's own part.
pub(crate) struct Core<D, O: Observer> {
    pub(crate) base: Base<D, Keeper<Shared<O>>>,
    shared: Arc<Shared<O>>,
    spare: RefCell<Spare<Shared<O>>>,
    steps: Steps,
}

impl<D: Driver + 'static, O: Observer> Core<D, O> {
    pub(crate) fn new(driver: D, observer: O, steps: Steps) -> Core<D, O> {
        let shared = Shared::new(driver.unparker(), observer, steps);
        Core {
            base: Base::new(driver),
            shared: Arc::new(shared),
            spare: RefCell::new(Spare::new(steps)),
            steps,
        }
    }
}

impl<Q: Queue> Wakers for Keeper<Q> {
    #[inline]
    fn waker(&self) -> Waker {
        Keeper::waker(self)
    }

    fn weak(&self) -> WeakWaker {
        WeakWaker::of(self.block())
    }

    #[inline]
    fn lend<R>(&self, poll: impl FnOnce(&Waker) -> R) -> R {
        poll(&Lent::of(self.block()))
    }

    #[inline]
    fn begin_poll(&self) -> bool {
        Keeper::begin_poll(self)
    }

    fn retire(&self) {
        Keeper::retire(self);
    }
}

impl<D: Driver + 'static, O: Observer> Engine for Core<D, O> {
    type Driver = D;
    type Observer = O;
    type Wakers = Keeper<Shared<O>>;

    #[inline]
    fn base(&self) -> &Base<D, Keeper<Shared<O>>> {
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

    #[cold]
    fn use_slot(&self, polled: Option<TaskId>) {
        if let Some(local) = self.shared.local() {
            local.polls(polled);
        }
    }

    fn take_next(&self) -> Option<Entry> {
        self.shared.local()?.take_next()
    }

    fn close_queues(&self) -> Vec<Entry> {
        self.shared.close()
    }

    fn new_wakers(&self, task: TaskId) -> Keeper<Shared<O>> {
        self.spare.borrow_mut().keeper(task, &self.shared)
    }

    fn reuse(&self, keeper: Keeper<Shared<O>>) {
        self.spare.borrow_mut().reuse(keeper);
    }

    fn acceptor(&self) -> Arc<dyn Accept> {
        Arc::clone(&self.shared) as Arc<dyn Accept>
    }
}
