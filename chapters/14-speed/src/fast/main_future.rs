//! The future that [`EventLoop::block_on`](super::EventLoop::block_on) was given: the one future that the
//! loop polls and does not own.

use std::cell::{Cell, RefCell};
use std::future::{Future, Pending};
use std::pin::Pin;
use std::task::Poll;
use std::thread;

use event_loop::{Driver, End, Observer, Origin, TaskId, WeakWaker};

use super::core::Core;
use super::shared::{Shared, is_silent};
use super::task_block::Keeper;

pub(crate) struct MainFuture<'a, O: Observer, F: Future> {
    pub(crate) task: TaskId,
    keeper: Keeper<Shared<O>>,
    future: RefCell<Pin<&'a mut F>>,
    output: Cell<Option<thread::Result<F::Output>>>,
}

/// A run of the loop without a main future.
pub(crate) fn no_main_future<'a, O: Observer>() -> Option<MainFuture<'a, O, Pending<()>>> {
    None
}

impl<'a, O: Observer, F: Future> MainFuture<'a, O, F> {
    /// Registers the future with the loop and wakes it, so that the first iteration polls it.
    pub(crate) fn new<D: Driver + 'static>(
        core: &Core<D, O>,
        future: Pin<&'a mut F>,
        origin: Origin,
    ) -> Self {
        let (task, keeper) = core.tasks.borrow_mut().add_outside(&core.shared);
        if !is_silent::<O>() {
            core.tell_spawned(task, origin, WeakWaker::of(keeper.block()));
        }
        keeper.waker().wake();
        MainFuture {
            task,
            keeper,
            future: RefCell::new(future),
            output: Cell::new(None),
        }
    }

    pub(crate) fn poll<D: Driver + 'static>(&self, core: &Core<D, O>) {
        if !self.keeper.begin_poll() {
            return; // Two threads woke it, and it was polled since.
        }
        let mut future = self.future.borrow_mut();
        let polled = core.poll_future(self.task, &self.keeper, future.as_mut());
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
