//! A backoff whose calls are recorded, and a jitter that chooses as it is told.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::super::subject::{Backoff, Delays};
use event_loop::Time;
use probe::{Run, panics};
use service::{Jitter, NoJitter};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const HEALTHY: Duration = Duration::from_secs(10);
pub(super) const LISTED: Delays = Delays::Listed(&[
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(30),
    Duration::from_secs(60),
]);
pub(super) const DOUBLING: Delays = Delays::Doubling {
    first: SECOND,
    cap: Duration::from_secs(10),
};

pub(super) fn doubling(first: Duration, cap: Duration) -> Delays {
    Delays::Doubling { first, cap }
}

pub(super) fn at(seconds: u64) -> Time {
    Time::START + Duration::from_secs(seconds)
}

/// Chooses a part of what is allowed, in eighths, and notes what that was.
#[derive(Clone, Default)]
pub(super) struct Eighths {
    pub(super) fewer: Rc<Cell<u32>>,
    pub(super) asked: Rc<RefCell<Vec<Duration>>>,
}

impl Jitter for Eighths {
    fn choose(&mut self, limit: Duration) -> Duration {
        self.asked.borrow_mut().push(limit);
        limit - limit / 8 * self.fewer.get()
    }
}

pub(super) struct World {
    run: Run,
    backoff: Backoff<Eighths>,
    jitter: Eighths,
}

impl World {
    /// A connection is healthy after ten seconds. The jitter chooses the whole.
    pub(super) fn new(run: &Run, delays: Delays) -> World {
        let jitter = Eighths::default();
        World {
            run: run.clone(),
            backoff: Backoff::new(delays, HEALTHY, jitter.clone()),
            jitter,
        }
    }

    pub(super) fn choose_three_eighths(&self) {
        self.jitter.fewer.set(5);
    }

    pub(super) fn choose_zero(&self) {
        self.jitter.fewer.set(8);
    }

    pub(super) fn asked(&self) -> Vec<Duration> {
        self.jitter.asked.borrow().clone()
    }

    pub(super) fn connects(&mut self, seconds: u64) {
        let recorder = self.run.recorder();
        recorder.set_time(Duration::from_secs(seconds));
        let call = recorder.enters("backoff", "connected");
        self.backoff.connected(at(seconds));
        call.returns("done");
    }

    pub(super) fn fails(&mut self, seconds: u64) -> Duration {
        let run = self.run.clone();
        self.fails_or_else(seconds, |message| {
            run.departs(format!("`next_delay` panicked: {message}."))
        })
    }

    /// Reports a failure. If that panics, `panicked` says what it means.
    pub(super) fn fails_or_else(
        &mut self,
        seconds: u64,
        panicked: impl FnOnce(&str) -> Duration,
    ) -> Duration {
        let recorder = self.run.recorder();
        recorder.set_time(Duration::from_secs(seconds));
        let call = recorder.enters("backoff", "next_delay");
        match panics::expected(|| self.backoff.next_delay(at(seconds))) {
            Ok(delay) => {
                call.returns(format!("{delay:?}"));
                self.refuse_longer(delay);
                delay
            }
            Err(panic) => {
                drop(call);
                panicked(&panic.message)
            }
        }
    }

    fn refuse_longer(&self, delay: Duration) {
        let allowed = self.jitter.asked.borrow().last().copied();
        if let Some(allowed) = allowed
            && delay > allowed
        {
            self.run.diagnose(
                "jitter-on-top",
                format!(
                    "The jitter was asked for {allowed:?} at most, and the delay is {delay:?}."
                ),
            );
        }
    }

    #[track_caller]
    pub(super) fn expect(&self, delays: &[Duration], expected: &[Duration]) {
        if delays != expected {
            self.run.departs(format!(
                "The delays are {delays:?}. Expected: {expected:?}."
            ));
        }
    }
}

/// Four failures, and a connection at 21 s that is lost.
pub(super) fn lost_at(run: &Run, seconds: u64) -> Duration {
    let mut world = World::new(run, LISTED);
    for seconds in [0, 1, 3, 7] {
        world.fails(seconds);
    }
    world.connects(21);
    world.fails(seconds)
}

/// The delay after failure number `failure` of a row at one moment, which must not panic.
pub(super) fn next_delay(run: &Run, backoff: &mut Backoff<NoJitter>, failure: u32) -> Duration {
    match panics::expected(|| backoff.next_delay(at(0))) {
        Ok(delay) => delay,
        Err(panic) => {
            run.recorder()
                .says("backoff", format!("failure {failure}: panics"));
            run.diagnose(
                "delay-overflows",
                format!(
                    "There were {failure} failures in a row, and `next_delay` panicked: {}.",
                    panic.message
                ),
            )
        }
    }
}
