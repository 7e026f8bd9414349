//! The loop itself.

use std::fmt;
use std::future::Future;
use std::io;
use std::rc::Rc;

use event_loop::engine::Engine;
use event_loop::{Driver, Handle, Observer, Report, ThreadDriver, Unretrieved, iteration};

use speed::Steps;

use super::core::Core;

/// The faster event loop. Its methods, their contracts and its handles are those of chapter 04's
/// `EventLoop`, so a program changes one word to use it.
///
/// ```
/// use speed::EventLoop;
/// use std::time::Duration;
///
/// let event_loop = EventLoop::new();
/// let handle = event_loop.handle();
/// let answer = event_loop.block_on(async move {
///     let child = handle.spawn({
///         let handle = handle.clone();
///         async move {
///             handle.sleep(Duration::from_millis(1)).await;
///             42
///         }
///     });
///     child.await.unwrap()
/// });
/// assert_eq!(answer, 42);
/// ```
pub struct EventLoop<D: Driver + 'static = ThreadDriver, O: Observer = ()> {
    core: Rc<Core<D, O>>,
}

impl EventLoop {
    /// A loop whose thread sleeps on a condition variable: enough where tasks wait only for timers and
    /// other threads.
    #[must_use]
    pub fn new() -> EventLoop {
        EventLoop::with_driver(ThreadDriver::new())
    }
}

impl Default for EventLoop {
    fn default() -> EventLoop {
        EventLoop::new()
    }
}

impl<D: Driver + 'static> EventLoop<D> {
    /// A loop that sleeps on this driver.
    #[must_use]
    pub fn with_driver(driver: D) -> EventLoop<D> {
        EventLoop::observed(driver, ())
    }
}

impl<D: Driver + 'static, O: Observer> EventLoop<D, O> {
    /// A loop that sleeps on this driver and reports each step to this observer.
    #[must_use]
    pub fn observed(driver: D, observer: O) -> EventLoop<D, O> {
        EventLoop::stepped(driver, observer, Steps::default())
    }

    /// The same with these steps alone.
    #[must_use]
    pub fn stepped(driver: D, observer: O, steps: Steps) -> EventLoop<D, O> {
        EventLoop {
            core: Rc::new(Core::new(driver, observer, steps)),
        }
    }

    /// A handle, by which tasks reach the loop.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(Rc::clone(&self.core) as Rc<_>)
    }

    /// Runs the loop until this future is ready; asyncio's `run_until_complete`. Tasks that have not
    /// completed stay in the loop, and continue when it runs again.
    ///
    /// The future may borrow: it is not moved into the loop, but polled in its turn like the others.
    ///
    /// # Panics
    ///
    /// If the future panics, at the end of that iteration; if the loop is running already, or closed; if
    /// the future closes the loop and then waits for something that a closed loop cannot bring; or if the
    /// driver cannot sleep.
    #[doc(alias = "run_until_complete")]
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        iteration::block_on(&self.core, future)
    }

    /// Runs the loop until [`Handle::stop`] is called: the iteration in which that happens is the last.
    /// If it was called before, the loop runs one iteration. A task that closes the loop also ends the
    /// run.
    ///
    /// # Panics
    ///
    /// If the loop is running already, or closed; or if the driver cannot sleep.
    pub fn run_forever(&self) {
        iteration::run_forever(&self.core);
    }

    /// Runs one iteration: see [`run_once`](event_loop::turn::run_once).
    ///
    /// # Errors
    ///
    /// If the driver fails. No entry was run then, and the loop may be run again.
    ///
    /// # Panics
    ///
    /// If the loop is running already, or closed.
    pub fn run_once(&self) -> io::Result<()> {
        iteration::run_one(&self.core)
    }

    /// Drops every future, oldest first, and every callback. One that is being polled is dropped once
    /// its poll has returned. From now on the loop refuses to run, what is spawned is dropped at once, and
    /// other threads get an error at the door.
    pub fn close(&self) {
        self.core.close();
    }

    /// Sets the function that receives a task's panic that is never retrieved. By default the loop prints
    /// one line on standard error.
    pub fn on_unretrieved(&self, report: impl Fn(&Unretrieved) + 'static) {
        self.core.base.report_to(Report::new(report));
    }

    /// How many tasks there are, callbacks included.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.core.base.tasks()
    }

    /// How many timers are set.
    #[must_use]
    pub fn timers(&self) -> usize {
        self.core.base.timers()
    }

    /// The driver.
    #[must_use]
    pub fn driver(&self) -> &D {
        &self.core.base.driver
    }
}

impl<D: Driver + 'static, O: Observer> Drop for EventLoop<D, O> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<D: Driver + 'static, O: Observer> fmt::Debug for EventLoop<D, O> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("EventLoop")
            .field("tasks", &self.tasks())
            .field("timers", &self.timers())
            .finish()
    }
}
