//! The future that [`EventLoop::block_on`](crate::EventLoop::block_on) was given: the one future that
//! the loop polls and does not own.

use std::cell::{Cell, RefCell};
use std::future::{Future, Pending};
use std::pin::Pin;
use std::task::Poll;
use std::thread;

use crate::engine::{Engine, Wakers};
use crate::observer::{End, Observer};
use crate::{Origin, TaskId};

pub(crate) struct MainFuture<'a, E: Engine, F: Future> {
    pub(crate) task: TaskId,
    wakers: E::Wakers,
    future: RefCell<Pin<&'a mut F>>,
    output: Cell<Option<thread::Result<F::Output>>>,
    has_ended: Cell<bool>,
}

/// A run of the loop without a main future.
pub(crate) fn no_main_future<'a, E: Engine>() -> Option<MainFuture<'a, E, Pending<()>>> {
    None
}

impl<'a, E: Engine, F: Future> MainFuture<'a, E, F> {
    /// Registers the future with the loop and wakes it, so that the first iteration polls it.
    pub(crate) fn new(engine: &E, future: Pin<&'a mut F>, origin: Origin) -> Self {
        let (task, wakers) = engine.add_main(origin);
        MainFuture {
            task,
            wakers,
            future: RefCell::new(future),
            output: Cell::new(None),
            has_ended: Cell::new(false),
        }
    }

    pub(crate) fn poll(&self, engine: &E) {
        // Where two threads woke it, two entries may be in one batch. The first poll may have completed it, and a third wake may have
        // come since, so that `begin_poll` alone would allow the second.
        if self.has_ended.get() || !self.wakers.begin_poll() {
            return;
        }
        let mut future = self.future.borrow_mut();
        let polled = engine.poll_future(self.task, &self.wakers, future.as_mut());
        let Poll::Ready(output) = polled else { return };
        let end = End::of(&output);
        self.has_ended.set(true);
        self.output.set(Some(output));
        engine.tell(|observer| observer.task_finished(self.task, end));
    }

    /// The output, or the panic, if the future has completed.
    pub(crate) fn take_output(&self) -> Option<thread::Result<F::Output>> {
        self.output.take()
    }
}
