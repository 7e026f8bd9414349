//! Every short run of a buffer: the alphabet and the machine.

use std::borrow::Cow;
use std::task::Context;

use futures::{Stream, StreamExt};
use probe::Recorder;
use probe::runs::{Difference, Known, Machine, Operation, Step as Seen};
use probe_futures::{Poller, poller};

use super::world::{Output, Source, World, name, shown};

const TASKS: [&str; 2] = ["A", "B"];
const WOKEN: &str = "is woken";
const NOT_WOKEN: &str = "is not woken";

/// What can happen to a buffer with a limit of 2, whose source has 3 futures at first.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Poll(usize),
    Has,
    /// Four at once.
    HasMore,
    Ends,
    Finishes(usize),
    Wakes(usize),
}

pub(super) const ALPHABET: [Step; 8] = [
    Step::Poll(0),
    Step::Finishes(0),
    Step::Finishes(1),
    Step::Finishes(2),
    Step::Ends,
    Step::Has,
    Step::Wakes(1),
    Step::Poll(1),
];

/// What can happen to a buffer with a limit of 3, whose source has no future at first.
pub(super) const REFILLED: [Step; 9] = [
    Step::Poll(0),
    Step::Has,
    Step::HasMore,
    Step::Finishes(0),
    Step::Finishes(1),
    Step::Finishes(2),
    Step::Finishes(3),
    Step::Finishes(4),
    Step::Poll(1),
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(task) => TASKS[*task].into(),
            Step::Has | Step::HasMore | Step::Ends => "source".into(),
            Step::Finishes(number) | Step::Wakes(number) => name(*number).into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(_) => "polls the buffer".into(),
            Step::Has => "has a future, and wakes".into(),
            Step::HasMore => "has 4 futures, and wakes".into(),
            Step::Ends => "ends behind its futures, and wakes".into(),
            Step::Finishes(_) => "has its output, and wakes".into(),
            Step::Wakes(_) => "wakes, and has no output".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(task) => format!("{} polled the buffer", TASKS[*task]).into(),
            Step::Has => "the source had another future".into(),
            Step::HasMore => "the source had 4 more futures".into(),
            Step::Ends => "the source ended".into(),
            Step::Finishes(number) => format!("future {number} had its output").into(),
            Step::Wakes(number) => format!("future {number} woke, without an output").into(),
        }
    }
}

fn number_in(text: Option<&str>) -> usize {
    let digits = text.unwrap_or_default().split(' ').next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn taken(difference: &Difference<Step>) -> (usize, usize) {
    let of = |step: &Seen| number_in(step.about("source"));
    (of(difference.your_step()), of(difference.expected_step()))
}

pub(super) const KNOWN: [Known<Step>; 5] = [
    Known {
        mistake: "too-many-in-flight",
        sentence: "The buffer took a future from the source, and two were in flight already. An output that waits for its turn counts.",
        shows: |difference| taken(difference).0 > taken(difference).1,
    },
    Known {
        mistake: "places-left-empty",
        sentence: "The buffer had a place free and the source had a future, which was not taken.",
        shows: |difference| taken(difference).0 < taken(difference).1,
    },
    Known {
        mistake: "outputs-out-of-order",
        sentence: "The buffer yielded an output, and that of an older future was still to come.",
        shows: |difference| {
            let older = |step: &Seen| step.outcome().starts_with("Ready(Some");
            older(difference.your_step())
                && difference.your_step().outcome() != difference.expected_step().outcome()
        },
    },
    Known {
        mistake: "ended-in-flight",
        sentence: "The buffer returned `Ready(None)`. Its source had not ended, or a future was in flight, or an output was still to be yielded.",
        shows: |difference| {
            difference.your_step().outcome() == "Ready(None)"
                && difference.expected_step().outcome() != "Ready(None)"
        },
    },
    Known {
        mistake: "polled-after-none",
        sentence: "The source had returned `Ready(None)`, and was polled again.",
        shows: |difference| difference.your_step().about("end") == Some("polled again"),
    },
];

/// A buffer, its source and two tasks.
pub(super) struct Runs<S> {
    world: World,
    buffer: S,
    tasks: [Poller; 2],
    /// The task that polled last and was pending, and how often it was woken when that poll had ended.
    latest: Option<(usize, usize)>,
    ended: bool,
}

impl<S: Stream<Item = Output> + Unpin> Runs<S> {
    pub(super) fn new(make: impl FnOnce(Source) -> S) -> Runs<S> {
        let runs = Runs::empty(make);
        runs.world.has(3);
        runs
    }

    /// The source has no future so far.
    pub(super) fn empty(make: impl FnOnce(Source) -> S) -> Runs<S> {
        let (world, source) = World::new(None);
        Runs {
            buffer: make(source),
            world,
            tasks: TASKS.map(|name| poller(&Recorder::default(), name)),
            latest: None,
            ended: false,
        }
    }

    fn outcome(&mut self, step: Step) -> Option<String> {
        match step {
            Step::Poll(_) if self.ended => return None,
            Step::Poll(task) => {
                self.world.polled();
                let polled = self.tasks[task]
                    .lend(|waker| self.buffer.poll_next_unpin(&mut Context::from_waker(waker)));
                let wakes = self.tasks[task].wakes();
                self.latest = polled.is_pending().then_some((task, wakes));
                self.ended = matches!(polled, std::task::Poll::Ready(None));
                return Some(shown(&polled));
            }
            Step::Has if self.world.is_open() => self.world.has(1),
            Step::HasMore if self.world.is_open() => self.world.has(4),
            Step::Ends if self.world.is_open() => self.world.ends(),
            Step::Finishes(number) if self.world.waits(number) => self.world.finishes(number),
            Step::Wakes(number) if self.world.waits(number) => self.world.wakes(number),
            _ => return None,
        }
        Some("done".to_owned())
    }
}

impl<S: Stream<Item = Output> + Unpin> Machine for Runs<S> {
    type Operation = Step;

    fn apply(&mut self, step: &Step) -> Option<Seen> {
        let world = self.world.clone();
        let mut seen = Seen::of(self.outcome(*step)?);
        if matches!(step, Step::Poll(_)) {
            let polled: Vec<_> = world.polled().into_iter().map(name).collect();
            seen = seen.absence("buffer", format!("polled: {}", polled.join(", ")));
            let again = match world.was_polled_after_none() {
                true => "polled again",
                false => "not polled again",
            };
            seen = seen.absence("end", again);
        }
        if let Some((task, before)) = self.latest {
            seen = match self.tasks[task].wakes() > before {
                true => seen.fact(TASKS[task], WOKEN),
                false => seen.absence(TASKS[task], NOT_WOKEN),
            };
        }
        let alive = format!(
            "{} futures, {} outputs",
            world.futures_alive(),
            world.outputs_alive()
        );
        let taken = format!("{} taken from it", world.taken());
        Some(seen.fact("source", taken).fact("alive", alive))
    }

    fn end(self) -> Seen {
        let Runs {
            world,
            buffer,
            tasks,
            ..
        } = self;
        drop(buffer);
        let alive = format!(
            "{} futures, {} outputs",
            world.futures_alive(),
            world.outputs_alive()
        );
        // The source's and the futures' own wakers are not the buffer's.
        world.forgets_wakers();
        let kept: usize = tasks.iter().map(|task| task.counts().alive).sum();
        Seen::of("the buffer is dropped")
            .fact("alive", alive)
            .fact("wakers", format!("{} kept", kept.min(2)))
    }
}
