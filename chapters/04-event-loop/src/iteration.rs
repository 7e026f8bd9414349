//! A run of the loop, one iteration after the other.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use crate::engine::{Engine, Entry};
use crate::handle::Handle;
use crate::main_future::{MainFuture, no_main_future};
use crate::observer::Observer;
use crate::turn::{Parts, run_once};
use crate::{Call, Driver, Origin, Step, Time};

/// See [`EventLoop::block_on`](crate::EventLoop::block_on).
///
/// # Panics
///
/// As there.
#[track_caller]
pub fn block_on<E: Engine, F: Future>(engine: &Rc<E>, future: F) -> F::Output {
    let _running = Running::enter(engine);
    let future = pin!(future);
    let main = MainFuture::new(&**engine, future, Origin::of::<F>());
    let iterations = Iterations::new(engine, Some(main));
    loop {
        (iterations.run_one()).expect("the loop's driver cannot sleep");
        if let Some(output) = iterations.take_output() {
            return output.unwrap_or_else(|panic| resume_unwind(panic));
        }
        assert!(
            !iterations.is_over(),
            "the loop was closed, and nothing can wake the main future any more"
        );
    }
}

/// See [`EventLoop::run_forever`](crate::EventLoop::run_forever).
///
/// # Panics
///
/// As there.
pub fn run_forever<E: Engine>(engine: &Rc<E>) {
    let _running = Running::enter(engine);
    let iterations = Iterations::new(engine, no_main_future());
    loop {
        (iterations.run_one()).expect("the loop's driver cannot sleep");
        if engine.base().stopped.take() || engine.is_closed() {
            return;
        }
    }
}

/// See [`EventLoop::run_once`](crate::EventLoop::run_once).
///
/// # Errors
///
/// As there.
///
/// # Panics
///
/// As there.
pub fn run_one<E: Engine>(engine: &Rc<E>) -> io::Result<()> {
    let _running = Running::enter(engine);
    Iterations::new(engine, no_main_future()).run_one()
}

/// The loop is running as long as this lives.
struct Running<'a>(&'a Cell<bool>);

impl<'a> Running<'a> {
    #[track_caller]
    fn enter<E: Engine>(engine: &'a Rc<E>) -> Running<'a> {
        assert!(
            !engine.base().running.replace(true),
            "this loop is running already: its tasks cannot run it once more"
        );
        let running = Running(&engine.base().running);
        assert!(
            !engine.is_closed(),
            "this loop is closed: it cannot run any more"
        );
        running
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// What a run of the loop consists of: the loop's own parts, and the main future if there is one.
struct Iterations<'a, E: Engine, F: Future> {
    engine: &'a Rc<E>,
    main: Option<MainFuture<'a, E, F>>,
    asleep: Cell<bool>,
}

impl<'a, E: Engine, F: Future> Iterations<'a, E, F> {
    fn new(engine: &'a Rc<E>, main: Option<MainFuture<'a, E, F>>) -> Self {
        // Opened after `main` was woken: that wake is in the queue that other threads share, behind
        // what was queued before the run.
        engine.interrupt_steps();
        engine.open_local();
        Iterations {
            engine,
            main,
            asleep: Cell::new(false),
        }
    }

    /// Runs one iteration.
    ///
    /// # Panics
    ///
    /// If an observer or a waker panicked in it: then when everything that was ready has run.
    #[inline]
    fn run_one(&self) -> io::Result<()> {
        self.engine.tell(Observer::turn_begun);
        let done = run_once(self);
        if let Some(panic) = self.engine.base().take_panic() {
            resume_unwind(panic);
        }
        done
    }

    fn take_output(&self) -> Option<thread::Result<F::Output>> {
        self.main.as_ref()?.take_output()
    }

    /// Whether the loop is closed and nothing is queued, so that no future will be polled again.
    fn is_over(&self) -> bool {
        self.engine.is_closed() && self.engine.is_local_empty()
    }

    /// Runs an entry, whichever queue it comes from.
    #[inline(always)]
    #[allow(clippy::inline_always)] // A request takes 28 instructions more without.
    fn run_entry(&self, entry: Entry) {
        let step = match &entry {
            Entry::Task(task) => Step::Poll(*task),
            Entry::Call(_) => Step::Call,
        };
        match (entry, &self.main) {
            (Entry::Task(task), Some(main)) if task == main.task => main.poll(self.engine),
            (Entry::Task(task), _) => self.engine.poll_task(task),
            // A callback that was sent before the loop was closed is dropped, as the tasks are.
            (Entry::Call(call), _) if self.engine.is_closed() => self.engine.discard(call),
            (Entry::Call(call), _) => self.call(call),
        }
        self.engine.end_step(step);
    }

    /// Runs what is in the LIFO slot, as long as the row may be.
    #[inline(never)]
    fn run_slot(&self) {
        while let Some(next) = self.engine.take_next() {
            self.run_entry(next);
        }
    }

    /// Calls a callback that another thread sent. Its panic is reported, because that thread does not wait.
    fn call(&self, call: Call) {
        let handle = Handle::new(Rc::clone(self.engine) as Rc<_>);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| call(&handle))) {
            self.engine.unretrieved(None, panic);
        }
    }
}

impl<E: Engine, F: Future> Drop for Iterations<'_, E, F> {
    /// Keeps what is queued and has not run for the next run of the loop.
    fn drop(&mut self) {
        for entry in self.engine.close_local() {
            // Refused if the loop was closed in the meantime.
            if let Err(refused) = self.engine.ready().push(entry) {
                self.engine.discard(refused);
            }
        }
    }
}

impl<E: Engine, F: Future> Parts for Iterations<'_, E, F> {
    type Entry = Entry;

    fn now(&self) -> Time {
        self.engine.base().driver.now()
    }

    #[inline]
    fn next_timer(&self) -> Option<Time> {
        self.engine.base().next_timer()
    }

    #[inline]
    fn fall_asleep(&self) -> bool {
        let sleeps = self.engine.is_local_empty() && self.engine.ready().fall_asleep();
        self.asleep.set(sleeps);
        sleeps
    }

    #[inline]
    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.engine.tell(|observer| observer.parked(timeout));
        self.engine.continue_steps();
        let parked = self.engine.base().driver.park(timeout);
        if self.asleep.take() {
            self.engine.ready().wake_up();
        }
        self.engine.tell(Observer::unparked);
        self.engine.end_step(Step::Park(timeout));
        parked
    }

    fn fire_timers(&self, now: Time) {
        self.engine.fire_timers(now);
    }

    #[inline]
    fn take_batch(&self) -> Vec<Entry> {
        let mut batch = self.engine.base().batch.take();
        // What this thread queued before the run is in `ready`, so it comes first.
        self.engine.ready().take_batch(&mut batch);
        self.engine.take_local(&mut batch);
        if batch.len() > 1
            && let Some(next) = self.engine.base().driver.choose(batch.len())
        {
            let chosen = batch.remove(next);
            let kept = mem::replace(&mut batch, vec![chosen]);
            self.engine.give_local(kept);
        }
        self.engine.continue_steps(); // Interrupted if timers fired.
        batch
    }

    /// Never panics: a panic would take the rest of the batch with it.
    // ANCHOR: run
    #[inline]
    fn run(&self, entry: Entry) {
        self.run_entry(entry);
        if self.engine.has_slot() {
            self.run_slot();
        }
    }
    // ANCHOR_END: run

    #[inline]
    fn return_batch(&self, batch: Vec<Entry>) {
        self.engine.base().batch.set(batch);
    }
}
