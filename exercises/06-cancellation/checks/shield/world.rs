//! The loop, the work and the shield around it.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use super::super::subject::shield;
use cancellation::{Ended, Task};
use event_loop::Spawn;
use probe::detect::{DropCounter, OnDrop, Token};
use probe::{Recorder, Run, panics, run};
use probe_loop::SimLoop;

const SECOND: Duration = Duration::from_secs(1);

pub(super) struct World {
    pub(super) run: Run,
    pub(super) sim: SimLoop,
    pub(super) spawn: Rc<dyn Spawn>,
    pub(super) reports: Rc<RefCell<Vec<String>>>,
    pub(super) counter: DropCounter,
    /// Whether the shield is being polled.
    polling: Rc<Cell<bool>>,
}

impl World {
    pub(super) fn new(run: Run) -> World {
        let quiet = run!();
        let sim = SimLoop::new(&quiet);
        let reports = sim.reports();
        World {
            run,
            spawn: Rc::new(sim.handle()),
            sim,
            reports,
            counter: DropCounter::new(),
            polling: Rc::default(),
        }
    }

    /// Work that takes two seconds, and gives 7.
    pub(super) fn work(&self) -> impl Future<Output = u32> + use<> {
        let (recorder, handle) = (self.run.recorder().clone(), self.sim.handle());
        let work = Work {
            recorder: recorder.clone(),
            polling: Rc::clone(&self.polling),
            done: Cell::new(false),
            _token: self.counter.token(),
        };
        async move {
            let work = work;
            recorder.says("work", "begins");
            handle.sleep(SECOND).await;
            recorder.says("work", "goes on");
            handle.sleep(SECOND).await;
            recorder.says("work", "ends");
            work.done.set(true);
            7
        }
    }

    /// A task waits for shielded work, and is cancelled after a second and a half.
    pub(super) fn wait_and_cancel(&self) {
        let shielded = shield(&self.spawn, self.work());
        let recorder = self.run.recorder().clone();
        let waiter = Task::spawn(&self.spawn, async move {
            let ended = recorder.clone();
            let _guard = OnDrop::new(move || ended.says("waiter", "its destructors run"));
            recorder.says("waiter", "waits");
            let _ = shielded.await;
            recorder.says("waiter", "goes on");
        });
        self.for_a(SECOND + SECOND / 2);
        self.run.recorder().says("caller", "cancels the waiter");
        self.run.risk(
            Some("waits-in-a-destructor"),
            "The waiter was cancelled, the shield was dropped, and its destructor did not return: it waits for the work. The loop, which would poll the work, called that destructor and is blocked.",
            || waiter.cancel(),
        );
        self.run.recorder().says("caller", "cancel has returned");
    }

    pub(super) fn seconds(&self, seconds: u32) {
        self.for_a(SECOND * seconds);
    }

    fn for_a(&self, duration: Duration) {
        let handle = self.sim.handle();
        self.drive(async move { handle.sleep(duration).await });
    }

    /// Waits for the shield, and records when it is being polled.
    #[track_caller]
    pub(super) fn wait_for<F>(&self, shielded: F) -> F::Output
    where
        F: Future<Output = Result<u32, Ended>> + 'static,
    {
        let (mut shielded, polling) = (Box::pin(shielded), Rc::clone(&self.polling));
        let waits = poll_fn(move |context| {
            polling.set(true);
            let polled = Pin::as_mut(&mut shielded).poll(context);
            polling.set(false);
            polled
        });
        if let Some(output) = self.try_to_drive(waits) {
            return output;
        }
        if self.said("work", Work::DROPPED_BY_A_POLL) {
            self.run.departs(
                "The waiter polled the shield, and that poll dropped the work at its suspension point. Dropping a task cancels it.",
            );
        }
        self.run.departs(STUCK)
    }

    #[track_caller]
    fn drive<F: Future + 'static>(&self, future: F) -> F::Output {
        match self.try_to_drive(future) {
            Some(output) => output,
            None => self.run.departs(STUCK),
        }
    }

    /// The output, or nothing if the loop is stuck.
    #[track_caller]
    pub(super) fn try_to_drive<F: Future + 'static>(&self, future: F) -> Option<F::Output> {
        let handle = self.sim.handle();
        let joined = handle.spawn(future);
        match panics::expected(|| self.sim.drive(joined)) {
            Ok(output) => output.ok(),
            Err(panic) => self
                .run
                .departs(format!("The loop panicked: {}.", panic.message)),
        }
    }

    pub(super) fn events(&self) -> Vec<(String, String)> {
        let events = self.run.recorder().recording().events;
        let said = |event: probe::Event| match event.what {
            probe::What::Says(text) => Some((event.track, text)),
            _ => None,
        };
        events.into_iter().filter_map(said).collect()
    }

    pub(super) fn count(&self, lane: &str, text: &str) -> usize {
        let said = |event: &&(String, String)| event.0 == lane && event.1 == text;
        self.events().iter().filter(said).count()
    }

    pub(super) fn said(&self, lane: &str, text: &str) -> bool {
        self.count(lane, text) > 0
    }
}

const STUCK: &str =
    "The waiter is pending, and the loop is stuck: no task is woken and no timer is set.";

/// A variable of the work. It records that the work was dropped by a poll of the shield.
struct Work {
    recorder: Recorder,
    polling: Rc<Cell<bool>>,
    done: Cell<bool>,
    _token: Token,
}

impl Work {
    const DROPPED_BY_A_POLL: &str = "is dropped, and has not finished";
}

impl Drop for Work {
    fn drop(&mut self) {
        if self.polling.get() && !self.done.get() {
            self.recorder.says("work", Work::DROPPED_BY_A_POLL);
        }
    }
}
