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
    /// The tick that was yielded last, and when.
    yielded: Option<(Time, Time)>,
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
            yielded: None,
        }
    }

    /// Moves the clock to this second, and polls.
    pub(super) fn poll_at(&mut self, seconds: u64) -> Poll<Option<Time>> {
        self.poll_after(SECOND * seconds as u32)
    }

    /// Moves the clock to this time after its start, and polls.
    pub(super) fn poll_after(&mut self, time: Duration) -> Poll<Option<Time>> {
        self.clock
            .advance(Time::after_start(time) - self.clock.now());
        let call = self
            .run
            .recorder()
            .enters("interval", format!("polled at {}", shows(time)));
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
        self.expect_after(SECOND * seconds as u32, due.map(at));
    }

    /// Polls at this time after the clock's start: there has to be a tick that was due then, or none.
    #[track_caller]
    pub(super) fn expect_after(&mut self, time: Duration, due: Option<Time>) {
        let right = due.map_or(Poll::Pending, |due| Poll::Ready(Some(due)));
        let polled = self.poll_after(time);
        let now = self.clock.now();
        let before = self.yielded;
        if let Poll::Ready(Some(tick)) = polled {
            self.yielded = Some((tick, now));
        }
        if polled == right {
            return;
        }
        let (missed, at) = (self.missed, shows(time));
        match (polled, due) {
            (Poll::Ready(Some(tick)), Some(due))
                if tick == now && tick > due && missed == MissedTicks::Burst =>
            {
                self.run.diagnose(
                    "tick-says-now",
                    format!("At {at} the tick of {due} was yielded, and it says {tick}. A tick says when it was due."),
                );
            }
            (Poll::Ready(Some(tick)), _) if tick > now => self.run.diagnose(
                "tick-before-its-time",
                format!("With `{missed:?}`, a poll at {at} yielded the tick of {tick}. Its moment had not come: the clock showed {now}."),
            ),
            (Poll::Ready(Some(tick)), None) if tick == now && before == Some((tick, now)) => {
                self.run.diagnose(
                    "skips-to-now",
                    format!("With `{missed:?}`, the tick of {tick} was yielded twice. The next one is due after that moment."),
                );
            }
            _ => self.run.departs(format!(
                "{missed:?}, period 10s. Expected at {at}: {}. The poll returned {}.",
                shown(&right),
                shown(&polled)
            )),
        }
    }
}

/// `0s` as well, and not `0ns`.
fn shows(time: Duration) -> String {
    match time.subsec_nanos() {
        0 => format!("{}s", time.as_secs()),
        _ => format!("{time:?}"),
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
