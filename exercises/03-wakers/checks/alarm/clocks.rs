//! The clocks of the hand-written tests.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::super::subject::{Alarm, Clock};
use probe::{Recorder, Run};
use probe_futures::Sim;
use probe_futures::laws::waiting::Wait;
use probe_model::{Blame, sync};

/// When the alarms of this check are to ring.
pub(super) const SEVEN: Duration = Duration::from_secs(7);

/// A simulated world's clock.
#[derive(Clone)]
pub(super) struct Simulated(pub(super) Sim);

impl Clock for Simulated {
    fn now(&self) -> Duration {
        // A step of the model, so that code which asks in a loop runs out of steps.
        if !sync::thread::panicking() {
            sync::thread::yield_now();
        }
        self.0.now()
    }

    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>) {
        self.0.at(when, ring);
    }
}

/// A simulated world's clock that rings inside `now`, just after it has read the time.
#[derive(Clone)]
pub(super) struct Striking(pub(super) Sim, pub(super) Recorder);

impl Clock for Striking {
    fn now(&self) -> Duration {
        let call = self.1.enters("clock", "now(): reads the time, then rings");
        let now = self.0.now();
        strike(&self.0);
        call.returns(format!("{} s", now.as_secs()));
        now
    }

    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>) {
        self.0.at(when, ring);
    }
}

/// A simulated world's clock that rings inside `now` from a moment on, and counts how often it was told of an alarm.
#[derive(Clone)]
pub(super) struct StrikingLater {
    sim: Sim,
    recorder: Recorder,
    rings: Rc<Cell<bool>>,
    told: Rc<Cell<u32>>,
}

impl StrikingLater {
    pub(super) fn new(sim: Sim, recorder: &Recorder) -> StrikingLater {
        StrikingLater {
            sim,
            recorder: recorder.clone(),
            rings: Rc::default(),
            told: Rc::default(),
        }
    }

    pub(super) fn rings(&self) -> Rc<Cell<bool>> {
        Rc::clone(&self.rings)
    }

    pub(super) fn told(&self) -> Rc<Cell<u32>> {
        Rc::clone(&self.told)
    }
}

impl Clock for StrikingLater {
    fn now(&self) -> Duration {
        let now = self.sim.now();
        if self.rings.take() {
            let call = self
                .recorder
                .enters("clock", "now(): reads the time, then rings");
            strike(&self.sim);
            call.returns(format!("{} s", now.as_secs()));
        }
        now
    }

    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>) {
        self.told.set(self.told.get() + 1);
        self.sim.at(when, ring);
    }
}

/// A clock that shows one time, and rings at once for an alarm whose time has come.
#[derive(Clone, Copy)]
pub(super) struct Standing(pub(super) Duration);

impl Clock for Standing {
    fn now(&self) -> Duration {
        self.0
    }

    fn call_at(&self, when: Duration, ring: Box<dyn FnOnce() + Send>) {
        if self.0 >= when {
            ring();
        }
    }
}

/// An alarm for seven seconds, and the event that lets them pass.
pub(super) fn alarm(run: &Run) -> Wait<Alarm<Simulated>> {
    let sim = Sim::new(run);
    let future = Alarm::new(Simulated(sim.clone()), SEVEN);
    Wait::new(future, move || strike(&sim))
}

/// Lets time pass until the clock has rung.
pub(super) fn strike(sim: &Sim) {
    sim.at(SEVEN, || ());
    while sim.advance() {}
}

pub(super) const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-in-poll"),
    sentence: "The poll has not returned: it waits for the time inside. A poll says what is so now, and returns. The executor waits, for \
               all its tasks at once.",
};
