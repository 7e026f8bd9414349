//! The loop itself.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::{Future, Pending};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use crate::core::{Call, Core, Entry, Shared};
use crate::handle::Handle;
use crate::local_queue::OpenQueue;
use crate::observer::{End, Observer};
use crate::report::{Report, Unretrieved};
use crate::sync::Arc;
use crate::turn::{Parts, run_once};
use crate::{Driver, TaskId, TaskWaker, ThreadDriver, Time};

/// An event loop: it runs futures on one thread, and sleeps on its driver when none of them can go
/// on.
///
/// It stays on the thread where it was made. Dropping it drops every future that it still has, oldest
/// first; see [`close`](EventLoop::close).
///
/// ```
/// use event_loop::EventLoop;
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
    running: Cell<bool>,
}

impl EventLoop {
    /// A loop that sleeps on its thread, which is all it takes where there are only timers and other
    /// threads to wait for.
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
    /// A loop that sleeps on this.
    #[must_use]
    pub fn with_driver(driver: D) -> EventLoop<D> {
        EventLoop::observed(driver, ())
    }
}

impl<D: Driver + 'static, O: Observer> EventLoop<D, O> {
    /// A loop that sleeps on this driver and tells this observer what it does.
    #[must_use]
    pub fn observed(driver: D, observer: O) -> EventLoop<D, O> {
        EventLoop {
            core: Rc::new(Core::new(driver, observer)),
            running: Cell::new(false),
        }
    }

    /// What tasks need to reach the loop.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(Rc::clone(&self.core) as Rc<_>)
    }

    /// Runs the loop until this future is ready; asyncio's `run_until_complete`. Tasks that are not
    /// over stay in the loop, and go on when it is run again.
    ///
    /// The future may borrow: it is not moved into the loop, but polled in its turn like the others.
    ///
    /// # Panics
    ///
    /// If the future panics, at the end of that iteration; if the loop is running already, or closed; if
    /// the future closes the loop and then waits for something that a closed loop cannot bring; or if the
    /// driver cannot sleep.
    #[doc(alias = "run_until_complete")]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _running = self.enter();
        let future = pin!(future);
        let main = Main::new(&self.core, future);
        let parts = Machine::new(&self.core, Some(main));
        loop {
            parts.turn().expect("the loop's driver cannot sleep");
            if let Some(output) = parts.output() {
                return output;
            }
            assert!(
                !self.core.shared.is_closed() || !parts.local.is_empty(),
                "the loop was closed, and nothing can wake the main future any more"
            );
        }
    }

    /// Runs the loop until somebody calls [`Handle::stop`]: the turn in which that happens is the last
    /// one. If it was called before, one turn is run. A task that closes the loop ends the run as well.
    ///
    /// # Panics
    ///
    /// If the loop is running already, or closed; or if the driver cannot sleep.
    pub fn run_forever(&self) {
        let _running = self.enter();
        let parts = Machine::new(&self.core, no_main());
        loop {
            parts.turn().expect("the loop's driver cannot sleep");
            if self.core.stopped.take() || self.core.shared.is_closed() {
                return;
            }
        }
    }

    /// Runs one turn: see [`turn::run_once`](run_once).
    ///
    /// # Errors
    ///
    /// If the driver cannot sleep. Nothing was run then, and the loop may be run again.
    ///
    /// # Panics
    ///
    /// If the loop is running already, or closed.
    pub fn run_once(&self) -> io::Result<()> {
        let _running = self.enter();
        Machine::new(&self.core, no_main()).turn()
    }

    /// Drops every future, oldest first, and every callback. One that is being polled is dropped once
    /// its poll has returned. From now on the loop refuses to run, what is spawned is dropped at once, and
    /// other threads get an error at the door.
    pub fn close(&self) {
        self.core.close();
    }

    /// What is to be done about a task's panic that nobody asks for, in place of one line on standard
    /// error.
    pub fn on_unretrieved(&self, report: impl Fn(&Unretrieved) + 'static) {
        self.core.report.replace(Report::new(report));
    }

    /// How many tasks there are, callbacks included.
    #[must_use]
    pub fn tasks(&self) -> usize {
        self.core.tasks.borrow().len()
    }

    /// How many timers are set.
    #[must_use]
    pub fn timers(&self) -> usize {
        self.core.timers.borrow().len()
    }

    /// The driver.
    #[must_use]
    pub fn driver(&self) -> &D {
        &self.core.driver
    }

    fn enter(&self) -> Running<'_> {
        assert!(
            !self.running.replace(true),
            "this loop is running already: its tasks cannot run it once more"
        );
        let running = Running(&self.running);
        assert!(
            !self.core.shared.is_closed(),
            "this loop is closed: it cannot run any more"
        );
        running
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

/// The loop is running as long as this lives.
struct Running<'a>(&'a Cell<bool>);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// For a loop that runs for its tasks' sake.
fn no_main<'a, O>() -> Option<Main<'a, O, Pending<()>>> {
    None
}

/// The loop's parts as a turn sees them, and the one future that the loop does not own.
struct Machine<'a, D, O, F: Future> {
    core: &'a Rc<Core<D, O>>,
    main: Option<Main<'a, O, F>>,
    asleep: Cell<bool>,
    local: OpenQueue,
}

/// What [`EventLoop::block_on`] was given.
struct Main<'a, O, F: Future> {
    task: TaskId,
    waker: Waker,
    turnstile: Arc<TaskWaker<Shared<O>>>,
    future: RefCell<Pin<&'a mut F>>,
    output: Cell<Option<thread::Result<F::Output>>>,
}

impl<'a, D: Driver + 'static, O: Observer, F: Future> Machine<'a, D, O, F> {
    fn new(core: &'a Rc<Core<D, O>>, main: Option<Main<'a, O, F>>) -> Self {
        Machine {
            core,
            main,
            asleep: Cell::new(false),
            local: core.shared.local.open(),
        }
    }

    #[inline]
    fn turn(&self) -> io::Result<()> {
        self.core.observer().turn_begun();
        run_once(self)
    }

    /// Calls what has come through the door. A panic in it is nobody's but the one who sent it.
    fn call(&self, call: Call) {
        let handle = Handle::new(Rc::clone(self.core) as Rc<_>);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| call(&handle))) {
            self.core.unretrieved(None, panic);
        }
    }

    /// What the main future was ready with; its panic goes on from here.
    fn output(&self) -> Option<F::Output> {
        let output = self.main.as_ref()?.output.take()?;
        Some(output.unwrap_or_else(|panic| resume_unwind(panic)))
    }
}

impl<D, O, F: Future> Drop for Machine<'_, D, O, F> {
    /// Keeps what is queued and has not run for the next run of the loop.
    fn drop(&mut self) {
        let mut left = Vec::new();
        self.local.take(&mut left);
        for entry in left {
            // Refused if the loop was closed in the meantime.
            let _ = self.core.shared.ready.push(entry);
        }
    }
}

impl<'a, O: Observer, F: Future> Main<'a, O, F> {
    /// The main future, woken.
    fn new<D: Driver + 'static>(core: &Core<D, O>, future: Pin<&'a mut F>) -> Self {
        let task = core.tasks.borrow_mut().stranger();
        core.observer().task_spawned(task);
        let turnstile = TaskWaker::new(task, Arc::clone(&core.shared));
        let waker = Waker::from(Arc::clone(&turnstile));
        waker.wake_by_ref();
        Main {
            task,
            waker,
            turnstile,
            future: RefCell::new(future),
            output: Cell::new(None),
        }
    }

    fn poll(&self, observer: &O) {
        self.turnstile.begin_poll();
        observer.poll_begun(self.task);
        let mut future = self.future.borrow_mut();
        let poll = |waker: &Waker| future.as_mut().poll(&mut Context::from_waker(waker));
        let poll = AssertUnwindSafe(|| observer.lends(self.task, &self.waker, poll));
        // A panic must not take the rest of the batch with it.
        let (output, end) = match catch_unwind(poll) {
            Ok(Poll::Pending) => return observer.polled(self.task, false),
            Ok(Poll::Ready(output)) => (Ok(output), End::Ready),
            Err(panic) => (Err(panic), End::Panicked),
        };
        self.turnstile.retire();
        self.output.set(Some(output));
        observer.polled(self.task, true);
        observer.task_finished(self.task, end);
    }
}

impl<D: Driver + 'static, O: Observer, F: Future> Parts for Machine<'_, D, O, F> {
    type Entry = Entry;

    fn now(&self) -> Time {
        self.core.driver.now()
    }

    #[inline]
    fn next_timer(&self) -> Option<Time> {
        self.core.timers.borrow().next()
    }

    #[inline]
    fn fall_asleep(&self) -> bool {
        let sleeps = self.local.is_empty() && self.core.shared.ready.fall_asleep();
        self.asleep.set(sleeps);
        sleeps
    }

    #[inline]
    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.core.observer().parked(timeout);
        let parked = self.core.driver.park(timeout);
        if self.asleep.take() {
            self.core.shared.ready.wake_up();
        }
        self.core.observer().unparked();
        parked
    }

    fn fire_timers(&self, now: Time) {
        self.core.fire_timers(now);
    }

    #[inline]
    fn take_batch(&self) -> Vec<Entry> {
        let mut batch = self.core.batch.take();
        // What this thread queued before the run is in `ready`, so it comes first.
        self.core.shared.ready.take_batch(&mut batch);
        self.local.take(&mut batch);
        batch
    }

    #[inline]
    fn run(&self, entry: Entry) {
        match (entry, &self.main) {
            (Entry::Task(task), Some(main)) if task == main.task => {
                main.poll(self.core.observer());
            }
            (Entry::Task(task), _) => self.core.poll_task(task),
            // A callback that was sent before the loop was closed is dropped, as the tasks are.
            (Entry::Call(call), _) if self.core.shared.is_closed() => self.core.discard(call),
            (Entry::Call(call), _) => self.call(call),
        }
    }

    #[inline]
    fn return_batch(&self, batch: Vec<Entry>) {
        self.core.batch.set(batch);
    }
}
