//! The clocks of the hand-written tests.

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
