//! A loop whose clock jumps, what happens in it, and what it reports.
#![allow(dead_code)] // Each test file uses its own part of this.

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use cancellation::{Ended, Task};
use event_loop::{Handle, Spawn};
use probe_loop::SimLoop;

pub(crate) struct World {
    pub(crate) sim: SimLoop,
    pub(crate) handle: Handle,
    pub(crate) spawn: Rc<dyn Spawn>,
    pub(crate) log: Log,
    pub(crate) reports: Log,
}

/// Lines, in the order in which they were written.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn write(&self, line: impl Into<String>) {
        self.0.borrow_mut().push(line.into());
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    /// Something whose destructor writes this.
    pub(crate) fn at_the_end(&self, line: &'static str) -> Guard {
        Guard(self.clone(), line)
    }
}

pub(crate) struct Guard(Log, &'static str);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.write(self.1);
    }
}

/// Calls this when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

impl World {
    pub(crate) fn new() -> World {
        let run = probe::run!();
        let sim = SimLoop::new(&run);
        let reports = Log::default();
        let report = reports.clone();
        sim.event_loop()
            .on_unretrieved(move |unretrieved| report.write(unretrieved.to_string()));
        let handle = sim.handle();
        World {
            sim,
            spawn: Rc::new(handle.clone()),
            handle,
            log: Log::default(),
            reports,
        }
    }

    /// Runs this, and with it everything else, until it is ready.
    pub(crate) fn drive<F>(&self, future: F) -> F::Output
    where
        F: Future + 'static,
    {
        let joined = self.sim.spawn("main", future);
        match self.sim.drive(joined) {
            Ok(output) => output,
            Err(stuck) => self.sim.refuse_stuck(&stuck),
        }
    }

    /// Runs `turns` iterations, in which the loop does not sleep.
    pub(crate) fn turns(&self, turns: usize) {
        self.drive(async move {
            for _ in 0..turns {
                event_loop::yield_now().await;
            }
        });
    }

    /// Runs as many iterations as any right part needs to call a few callbacks: one in each is enough.
    pub(crate) fn settle(&self) {
        self.turns(16);
    }

    /// A task that sleeps for an hour, and says how it ends.
    pub(crate) fn sleeper(&self) -> Task<u32> {
        let (handle, log) = (self.handle.clone(), self.log.clone());
        Task::spawn(&self.spawn, async move {
            let _guard = log.at_the_end("its destructors run");
            log.write("it begins");
            handle.sleep(Duration::from_secs(3600)).await;
            log.write("it goes on");
            7
        })
    }

    /// How a finished task has ended.
    #[track_caller]
    pub(crate) fn end<T: 'static>(&self, task: Task<T>) -> String {
        assert!(task.is_over(), "the task is not over");
        ended(&self.drive(task))
    }

    #[track_caller]
    pub(crate) fn wrote(&self, lines: &[&str]) {
        assert_eq!(self.log.lines(), lines);
    }

    /// Nothing is left in the loop: no task and no timer.
    #[track_caller]
    pub(crate) fn is_empty(&self) {
        self.turns(1);
        let event_loop = self.sim.event_loop();
        assert_eq!((event_loop.tasks(), event_loop.timers()), (0, 0));
    }
}

pub(crate) fn ended<T>(end: &Result<T, Ended>) -> String {
    match end {
        Ok(_) => "has its output".to_owned(),
        Err(ended) => ended.to_string(),
    }
}
