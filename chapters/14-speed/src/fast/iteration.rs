//! A run of the loop, one iteration after the other: chapter 04's `run_once`, on other parts.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use event_loop::turn::{Parts, run_once};
use event_loop::{Call, Driver, Handle, Observer, Step, Time};

use super::core::Core;
use super::main_future::MainFuture;
use super::shared::Entry;

/// What a run of the loop consists of: the loop's own parts, and the main future if there is one.
pub(crate) struct Iterations<'a, D: Driver + 'static, O: Observer, F: Future> {
    core: &'a Rc<Core<D, O>>,
    main: Option<MainFuture<'a, O, F>>,
    asleep: Cell<bool>,
}

impl<'a, D: Driver + 'static, O: Observer, F: Future> Iterations<'a, D, O, F> {
    pub(crate) fn new(core: &'a Rc<Core<D, O>>, main: Option<MainFuture<'a, O, F>>) -> Self {
        // Opened after `main` was woken: that wake is behind what was queued before the run.
        core.interrupt_steps();
        core.shared.open_local();
        Iterations {
            core,
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
    pub(crate) fn run_one(&self) -> io::Result<()> {
        self.core.tell(Observer::turn_begun);
        let done = run_once(self);
        if let Some(panic) = self.core.take_panic() {
            resume_unwind(panic);
        }
        done
    }

    pub(crate) fn take_output(&self) -> Option<thread::Result<F::Output>> {
        self.main.as_ref()?.take_output()
    }

    /// Whether the loop is closed and nothing is queued, so that no future will be polled again.
    pub(crate) fn is_over(&self) -> bool {
        let shared = &self.core.shared;
        shared.is_closed() && shared.is_local_empty()
    }

    /// Runs what is in the LIFO slot, as long as the row may be.
    #[inline(never)]
    fn run_slot(&self) {
        if let Some(local) = self.core.shared.local() {
            while let Some(next) = local.take_next() {
                self.run_one_entry(next);
            }
        }
    }

    /// Runs an entry, whichever queue it comes from.
    #[inline(always)]
    #[allow(clippy::inline_always)] // A request takes 28 instructions more without.
    fn run_one_entry(&self, entry: Entry) {
        let step = match &entry {
            Entry::Task(task) => Step::Poll(*task),
            Entry::Call(_) => Step::Call,
        };
        match (entry, &self.main) {
            (Entry::Task(task), Some(main)) if task == main.task => main.poll(self.core),
            (Entry::Task(task), _) => self.core.poll_task(task),
            // A callback that was sent before the loop was closed is dropped, as the tasks are.
            (Entry::Call(call), _) if self.core.shared.is_closed() => self.core.discard(call),
            (Entry::Call(call), _) => self.call(call),
        }
        self.core.end_step(step);
    }

    /// Calls a callback that another thread sent. Its panic is reported, because that thread does not wait.
    fn call(&self, call: Call) {
        let handle = Handle::new(Rc::clone(self.core) as Rc<_>);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| call(&handle))) {
            self.core.unretrieved(None, panic);
        }
    }
}

impl<D: Driver + 'static, O: Observer, F: Future> Drop for Iterations<'_, D, O, F> {
    /// Keeps what is queued and has not run for the next run of the loop.
    fn drop(&mut self) {
        for entry in self.core.shared.close_local() {
            // Refused if the loop was closed in the meantime.
            if let Err(refused) = self.core.shared.ready.push(entry) {
                self.core.discard(refused);
            }
        }
    }
}

impl<D: Driver + 'static, O: Observer, F: Future> Parts for Iterations<'_, D, O, F> {
    type Entry = Entry;

    fn now(&self) -> Time {
        self.core.driver.now()
    }

    #[inline]
    fn next_timer(&self) -> Option<Time> {
        self.core.next_timer()
    }

    #[inline]
    fn fall_asleep(&self) -> bool {
        let shared = &self.core.shared;
        let sleeps = shared.is_local_empty() && shared.ready.fall_asleep();
        self.asleep.set(sleeps);
        sleeps
    }

    #[inline]
    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.core.tell(|observer| observer.parked(timeout));
        self.core.continue_steps();
        let parked = self.core.driver.park(timeout);
        if self.asleep.take() {
            self.core.shared.ready.wake_up();
        }
        self.core.tell(Observer::unparked);
        self.core.end_step(Step::Park(timeout));
        parked
    }

    fn fire_timers(&self, now: Time) {
        self.core.fire_timers(now);
    }

    #[inline]
    fn take_batch(&self) -> Vec<Entry> {
        let mut batch = self.core.batch.take();
        let shared = &self.core.shared;
        // What was queued before the run is in `ready`, so it comes first.
        shared.ready.take_batch(&mut batch);
        if let Some(local) = shared.local() {
            local.take_batch(&mut batch);
        }
        if batch.len() > 1
            && let Some(next) = self.core.driver.choose(batch.len())
        {
            batch = self.only(next, batch);
        }
        self.core.continue_steps(); // Interrupted if timers fired.
        batch
    }

    /// Never panics: a panic would take the rest of the batch with it.
    // ANCHOR: run
    #[inline]
    fn run(&self, entry: Entry) {
        self.run_one_entry(entry);
        if self.core.steps.lifo {
            self.run_slot();
        }
    }
    // ANCHOR_END: run

    #[inline]
    fn return_batch(&self, batch: Vec<Entry>) {
        self.core.batch.set(batch);
    }
}

impl<D: Driver + 'static, O: Observer, F: Future> Iterations<'_, D, O, F> {
    /// The entry that a test's driver has chosen, and puts back the others.
    fn only(&self, next: usize, mut batch: Vec<Entry>) -> Vec<Entry> {
        let chosen = batch.remove(next);
        for entry in batch {
            match self.core.shared.local() {
                Some(local) => local.push(entry),
                None => drop(self.core.shared.ready.push(entry)),
            }
        }
        vec![chosen]
    }
}
