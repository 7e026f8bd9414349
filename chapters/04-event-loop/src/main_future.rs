//! The future that [`EventLoop::block_on`](crate::EventLoop::block_on) was given: the one future that
//! the loop polls and does not own.

use std::cell::{Cell, RefCell};
use std::future::{Future, Pending};
use std::pin::Pin;
use std::task::{Poll, Waker};
use std::thread;

use crate::core::{Core, Shared};
use crate::observer::{End, Observer};
use crate::sync::Arc;
use crate::{Driver, Origin, TaskId, TaskWaker};

pub(crate) struct MainFuture<'a, O, F: Future> {
    pub(crate) task: TaskId,
    waker: Waker,
    task_waker: Arc<TaskWaker<Shared<O>>>,
    future: RefCell<Pin<&'a mut F>>,
    output: Cell<Option<thread::Result<F::Output>>>,
}

/// A run of the loop without a main future.
pub(crate) fn no_main_future<'a, O>() -> Option<MainFuture<'a, O, Pending<()>>> {
    None
}

impl<'a, O: Observer, F: Future> MainFuture<'a, O, F> {
    /// Registers the future with the loop and wakes it, so that the first iteration polls it.
    pub(crate) fn new<D: Driver + 'static>(
        core: &Core<D, O>,
        future: Pin<&'a mut F>,
        origin: Origin,
    ) -> Self {
        let task = core.tasks.borrow_mut().id_outside();
        let task_waker = TaskWaker::new(task, Arc::clone(&core.shared));
        core.tell_spawned(task, origin, &task_waker);
        let waker = Waker::from(Arc::clone(&task_waker));
        waker.wake_by_ref();
        MainFuture {
            task,
            waker,
            task_waker,
            future: RefCell::new(future),
            output: Cell::new(None),
        }
    }

    pub(crate) fn poll<D: Driver + 'static>(&self, core: &Core<D, O>) {
        let mut future = self.future.borrow_mut();
        let polled = core.poll_future(self.task, &self.task_waker, &self.waker, future.as_mut());
        let Poll::Ready(output) = polled else { return };
        let end = End::of(&output);
        self.output.set(Some(output));
        core.tell(|observer| observer.task_finished(self.task, end));
    }

    /// The output, or the panic, if the future has completed.
    pub(crate) fn take_output(&self) -> Option<thread::Result<F::Output>> {
        self.output.take()
    }
}
