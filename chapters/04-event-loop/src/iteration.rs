//! A run of the loop, one iteration after the other.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use crate::core::{Core, Entry};
use crate::handle::Handle;
use crate::local_queue::OpenQueue;
use crate::main_future::MainFuture;
use crate::observer::Observer;
use crate::turn::{Parts, run_once};
use crate::{Call, Driver, Step, Time};

/// What a run of the loop consists of: the loop's own parts, and the main future if there is one.
pub(crate) struct Iterations<'a, D: Driver + 'static, O: Observer, F: Future> {
    core: &'a Rc<Core<D, O>>,
    main: Option<MainFuture<'a, O, F>>,
    asleep: Cell<bool>,
    local: OpenQueue,
}

impl<'a, D: Driver + 'static, O: Observer, F: Future> Iterations<'a, D, O, F> {
    pub(crate) fn new(core: &'a Rc<Core<D, O>>, main: Option<MainFuture<'a, O, F>>) -> Self {
        // Opened after `main` was woken: that wake is in the queue that other threads share, behind
        // what was queued before the run.
        core.interrupt_steps();
        Iterations {
            core,
            main,
            asleep: Cell::new(false),
            local: core.shared.local.open(),
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
        self.core.shared.is_closed() && self.local.is_empty()
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
        let mut left = Vec::new();
        self.local.take(&mut left);
        for entry in left {
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
        let sleeps = self.local.is_empty() && self.core.shared.ready.fall_asleep();
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
        // What this thread queued before the run is in `ready`, so it comes first.
        self.core.shared.ready.take_batch(&mut batch);
        self.local.take(&mut batch);
        if batch.len() > 1
            && let Some(next) = self.core.driver.choose(batch.len())
        {
            let chosen = batch.remove(next);
            let kept = mem::replace(&mut batch, vec![chosen]);
            self.local.give(kept);
        }
        self.core.continue_steps(); // Interrupted if timers fired.
        batch
    }

    /// Never panics: a panic would take the rest of the batch with it.
    #[inline]
    fn run(&self, entry: Entry) {
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

    #[inline]
    fn return_batch(&self, batch: Vec<Entry>) {
        self.core.batch.set(batch);
    }
}
