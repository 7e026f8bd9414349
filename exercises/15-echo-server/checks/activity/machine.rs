//! Every short run of notes and looks.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use super::idle::LIMIT;
use event_loop::{Time, Timer};
use probe::runs::{Machine, Operation, Step};
use probe_futures::{Poller, Sim};
use probe_loop::Clock;

/// What can happen to an activity and to the future that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Notes,
    Waits(Duration),
    IsPolledByAnother,
    IsDropped,
    Passes(Duration),
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Notes => "connection".into(),
            Move::Passes(_) => "clock".into(),
            _ => "time-out".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Notes => "note(now)".into(),
            Move::Waits(limit) => format!("idle_for({limit:?})").into(),
            Move::IsPolledByAnother => "is polled by another task".into(),
            Move::IsDropped => "is dropped".into(),
            Move::Passes(time) => format!("{time:?} pass").into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Notes => "activity was noted".into(),
            Move::Waits(limit) => format!("a task waited for {limit:?} without activity").into(),
            Move::IsPolledByAnother => "another task polled the future".into(),
            Move::IsDropped => "the future was dropped".into(),
            Move::Passes(time) => format!("{time:?} passed").into(),
        }
    }
}

pub(super) const TEN_YEARS: Duration = Duration::from_secs(315_360_000);

pub(super) const MOVES: [Move; 8] = [
    Move::Waits(Duration::from_secs(LIMIT)),
    Move::Notes,
    Move::Passes(Duration::from_secs(30)),
    Move::Passes(Duration::from_nanos(1)),
    Move::Passes(TEN_YEARS),
    Move::IsPolledByAnother,
    Move::IsDropped,
    Move::Waits(Duration::ZERO),
];

/// The future of `idle_for`.
pub(super) type Idle = Pin<Box<dyn Future<Output = ()>>>;

/// An activity and one future that waits at a time.
pub(super) struct Watched {
    pub(super) sim: Sim,
    pub(super) clock: Clock,
    pub(super) tasks: [Poller; 2],
    /// The task that polled last.
    pub(super) task: usize,
    pub(super) note: Box<dyn Fn(Time)>,
    pub(super) start: Box<dyn Fn(Duration) -> Idle>,
    pub(super) idle: Option<Idle>,
    pub(super) completed: Option<Duration>,
}

impl Watched {
    pub(super) fn poll(&mut self) {
        let Some(idle) = &mut self.idle else {
            return;
        };
        if let Poll::Ready(()) = self.tasks[self.task].poll(idle.as_mut()) {
            self.completed = Some(self.sim.now());
            self.idle = None;
        }
    }

    /// Lets this time pass. Polls the future whenever the task that polled last is woken.
    fn pass(&mut self, time: Duration) {
        let until = self.sim.now() + time;
        let mut polled = self.tasks[self.task].wakes();
        for _ in 0..1_000 {
            let wakes = self.tasks[self.task].wakes();
            if wakes > polled {
                polled = wakes;
                self.poll();
            } else if self.sim.next_event().is_some_and(|next| next <= until) {
                self.sim.advance();
            } else {
                break;
            }
        }
        self.sim.advance_to(until);
    }

    fn step(&self) -> Step {
        let state = match (&self.idle, self.completed) {
            (Some(_), _) => "is pending".to_owned(),
            (None, Some(at)) => format!("has completed at {at:?}"),
            (None, None) => "does not exist".to_owned(),
        };
        Step::of("").fact("time-out", state)
    }
}

impl Machine for Watched {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Step> {
        match operation {
            Move::Notes => (self.note)(self.clock.now()),
            Move::Waits(limit) => {
                if self.idle.is_some() {
                    return None;
                }
                self.completed = None;
                self.idle = Some((self.start)(*limit));
                self.poll();
            }
            Move::IsPolledByAnother => {
                self.idle.as_ref()?;
                self.task = 1 - self.task;
                self.poll();
            }
            Move::IsDropped => drop(self.idle.take()?),
            Move::Passes(time) => self.pass(*time),
        }
        Some(self.step())
    }

    fn end(mut self) -> Step {
        self.pass(Duration::from_secs(LIMIT));
        let step = self.step();
        self.idle = None;
        step.fact("clock", format!("{} timers are left", self.clock.alive()))
    }
}
