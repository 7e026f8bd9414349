//! Every short run of an interval: the alphabet and the machine.

use std::borrow::Cow;
use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::Time;
use futures::{Stream, StreamExt};
use probe::Recorder;
use probe::runs::{Difference, Known, Machine, Operation, Step as Seen};
use probe_futures::{Poller, poller};
use probe_loop::HandClock;

const TASKS: [&str; 2] = ["A", "B"];
const WOKEN: &str = "is woken";
const NOT_WOKEN: &str = "is not woken";

/// What can happen to an interval whose period is 3 s.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Poll(usize),
    /// This many milliseconds pass.
    Pass(u64),
}

pub(super) const ALPHABET: [Step; 6] = [
    Step::Poll(0),
    Step::Pass(1_000),
    Step::Pass(3_000),
    Step::Pass(7_000),
    Step::Pass(1),
    Step::Poll(1),
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(task) => TASKS[*task].into(),
            Step::Pass(_) => "clock".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(_) => "polls the interval".into(),
            Step::Pass(millis) => format!("{} pass", time(*millis)).into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(task) => format!("{} polled the interval", TASKS[*task]).into(),
            Step::Pass(millis) => format!("{} passed", time(*millis)).into(),
        }
    }
}

fn time(millis: u64) -> String {
    match millis % 1_000 {
        0 => format!("{} s", millis / 1_000),
        _ => format!("{millis} ms"),
    }
}

/// Whether the learner's step says this about a track, and the expected one does not.
fn says(difference: &Difference<Step>, track: &str, text: &str) -> bool {
    difference.your_step().about(track) == Some(text)
        && difference.expected_step().about(track) != Some(text)
}

pub(super) const KNOWN: [Known<Step>; 3] = [
    Known {
        mistake: "busy-poll",
        sentence: "The interval woke its task in its own poll.",
        shows: |difference| {
            matches!(difference.operation(), Some(Step::Poll(_)))
                && TASKS.iter().any(|task| says(difference, task, WOKEN))
        },
    },
    Known {
        mistake: "never-registered",
        sentence: "The tick was due, and the task that had polled the interval last was not woken.",
        shows: |difference| {
            matches!(difference.operation(), Some(Step::Pass(_)))
                && TASKS.iter().any(|task| says(difference, task, NOT_WOKEN))
        },
    },
    Known {
        mistake: "timer-leaked",
        sentence: "The interval was dropped, and a timer of it was left.",
        shows: |difference| {
            difference.at_the_end() && difference.your_step().about("timers").is_some()
        },
    },
];

/// An interval on a clock that the run moves.
pub(super) struct Ticking<S> {
    clock: HandClock,
    ticks: S,
    tasks: [Poller; 2],
    /// The task that polled last and was pending, and how often it was woken then.
    latest: Option<(usize, usize)>,
}

impl<S: Stream<Item = Time> + Unpin> Ticking<S> {
    /// At 5 s.
    pub(super) fn new(make: impl FnOnce(HandClock) -> S) -> Ticking<S> {
        let clock = HandClock::at(Time::after_start(Duration::from_secs(5)));
        let recorder = Recorder::default();
        Ticking {
            ticks: make(clock.clone()),
            clock,
            tasks: TASKS.map(|name| poller(&recorder, name)),
            latest: None,
        }
    }

    fn poll(&mut self, task: usize) -> String {
        self.latest = None;
        let wakes = self.tasks[task].wakes();
        let ticks = &mut self.ticks;
        let polled =
            self.tasks[task].lend(|waker| ticks.poll_next_unpin(&mut Context::from_waker(waker)));
        self.latest = polled.is_pending().then_some((task, wakes));
        shown(&polled)
    }
}

pub(super) fn shown(polled: &Poll<Option<Time>>) -> String {
    match polled {
        Poll::Pending => "Pending".to_owned(),
        Poll::Ready(None) => "Ready(None)".to_owned(),
        Poll::Ready(Some(due)) => format!("Ready(Some({due}))"),
    }
}

impl<S: Stream<Item = Time> + Unpin> Machine for Ticking<S> {
    type Operation = Step;

    fn apply(&mut self, step: &Step) -> Option<Seen> {
        let mut seen = match step {
            Step::Poll(task) => Seen::of(self.poll(*task)),
            Step::Pass(millis) => {
                self.clock.advance(Duration::from_millis(*millis));
                Seen::of("done")
            }
        };
        if let Some((task, before)) = self.latest {
            seen = match self.tasks[task].wakes() > before {
                true => seen.fact(TASKS[task], WOKEN),
                false => seen.absence(TASKS[task], NOT_WOKEN),
            };
        }
        Some(seen)
    }

    fn end(self) -> Seen {
        let Ticking {
            clock,
            ticks,
            tasks,
            ..
        } = self;
        drop(ticks);
        let mut seen = Seen::of("the interval is dropped");
        if clock.alive() > 0 {
            seen = seen.fact("timers", format!("{} left", clock.alive()));
        }
        let kept: usize = tasks.iter().map(|task| task.counts().alive).sum();
        seen.fact("wakers", format!("{kept} kept"))
    }
}
