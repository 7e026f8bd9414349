//! One interval under test, and its clock.

use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::{Time, Timer};
use futures::StreamExt;
use probe::{Recorder, Run};
use probe_futures::{Poller, poller};
use probe_loop::HandClock;

use super::super::subject::{Interval, MissedTicks, interval};
use super::runs::shown;

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// An interval of 10 s, its clock, and a task.
pub(super) struct World {
    pub(super) run: Run,
    pub(super) clock: HandClock,
    pub(super) ticks: Interval<HandClock>,
    pub(super) task: Poller,
    pub(super) missed: MissedTicks,
}

impl World {
    pub(super) fn new(run: &Run, missed: MissedTicks) -> World {
        World::at(run, missed, 0)
    }

    pub(super) fn at(run: &Run, missed: MissedTicks, seconds: u64) -> World {
        let clock = HandClock::at(at(seconds));
        run.recorder().says(
            "caller",
            format!("at {}: interval(10s, {missed:?})", clock_shows(&clock)),
        );
        World {
            run: run.clone(),
            ticks: interval(clock.clone(), 10 * SECOND, missed),
            clock,
            task: poller(&Recorder::default(), "A"),
            missed,
        }
    }

    /// Moves the clock to this second, and polls.
    pub(super) fn poll_at(&mut self, seconds: u64) -> Poll<Option<Time>> {
        self.clock.advance(at(seconds) - self.clock.now());
        let call = self
            .run
            .recorder()
            .enters("interval", format!("polled at {seconds}s"));
        let ticks = &mut self.ticks;
        let polled = self
            .task
            .lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker)));
        call.returns(shown(&polled));
        polled
    }

    /// Polls at this second: there has to be a tick that was due then, or none.
    #[track_caller]
    pub(super) fn expect(&mut self, seconds: u64, due: Option<u64>) {
        let right = due.map_or(Poll::Pending, |due| Poll::Ready(Some(at(due))));
        let polled = self.poll_at(seconds);
        if polled == right {
            return;
        }
        let missed = self.missed;
        match (polled, due) {
            (Poll::Ready(Some(tick)), Some(due))
                if tick == at(seconds) && tick > at(due) && missed == MissedTicks::Burst =>
            {
                self.run.diagnose(
                    "tick-says-now",
                    format!("At {seconds}s the tick of {due}s was yielded, and it says {tick}. A tick says when it was due."),
                );
            }
            _ => self.run.departs(format!(
                "{missed:?}, period 10s. Expected at {seconds}s: {}. The poll returned {}.",
                shown(&right),
                shown(&polled)
            )),
        }
    }
}

pub(super) fn at(seconds: u64) -> Time {
    Time::after_start(Duration::from_secs(seconds))
}

fn clock_shows(clock: &HandClock) -> Time {
    clock.now()
}

/// After the late tick there may be none before `next`.
#[track_caller]
pub(super) fn refuse_a_burst(run: &Run, polled: &Poll<Option<Time>>, next: &str) {
    if polled.is_ready() {
        run.diagnose(
            "tick-burst",
            format!("The tick of 10s was yielded at 34s, and then another one at once. The next one is due at {next}: missed ticks are made up for with `Burst` only."),
        );
    }
}
