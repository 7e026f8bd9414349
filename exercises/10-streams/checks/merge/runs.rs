//! Every short run of a merge: the alphabet and the machine.

use std::borrow::Cow;
use std::task::Context;

use futures::{Stream, StreamExt};
use probe::Recorder;
use probe::runs::{Difference, Known, Machine, Operation, Step as Seen};
use probe_futures::{Poller, poller};

use super::world::{Item, NAMES, Source, World, shown};

const TASKS: [&str; 2] = ["A", "B"];
const WOKEN: &str = "is woken";
const NOT_WOKEN: &str = "is not woken";

/// What can happen to a merge.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Poll(usize),
    Has(usize),
    Ends(usize),
}

pub(super) const ALPHABET: [Step; 6] = [
    Step::Poll(0),
    Step::Has(0),
    Step::Has(1),
    Step::Ends(0),
    Step::Ends(1),
    Step::Poll(1),
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(task) => TASKS[*task].into(),
            Step::Has(number) | Step::Ends(number) => NAMES[*number].into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(_) => "polls the merge".into(),
            Step::Has(_) => "has an item, and wakes".into(),
            Step::Ends(_) => "ends behind its items, and wakes".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(task) => format!("{} polled the merge", TASKS[*task]).into(),
            Step::Has(number) => format!("the {} stream had an item", NAMES[*number]).into(),
            Step::Ends(number) => format!("the {} stream ended", NAMES[*number]).into(),
        }
    }
}

/// Whether the learner's step says this about a track, and the expected one does not.
fn says(difference: &Difference<Step>, track: &str, text: &str) -> bool {
    difference.your_step().about(track) == Some(text)
        && difference.expected_step().about(track) != Some(text)
}

pub(super) const KNOWN: [Known<Step>; 5] = [
    Known {
        mistake: "polled-after-none",
        sentence: "A stream had returned `Ready(None)`, and was polled again.",
        shows: |difference| {
            difference
                .your_step()
                .about("ended")
                .is_some_and(|text| text == "polled again")
        },
    },
    Known {
        mistake: "ended-stream-kept",
        sentence: "A stream had ended, and the merge still had it. It holds its socket or its file as long as the other one goes on.",
        shows: |difference| {
            let is = |text| NAMES.iter().any(|name| says(difference, name, text));
            !difference.at_the_end() && is("is there")
        },
    },
    Known {
        mistake: "ends-with-the-first",
        sentence: "The merge ended, and one of its streams had not.",
        shows: |difference| {
            difference.your_step().outcome() == "Ready(None)"
                && difference.expected_step().outcome() != "Ready(None)"
        },
    },
    Known {
        mistake: "merge-unfair",
        sentence: "The merge polled its two streams in the wrong order: after an item it is the turn of the stream that the item is not from, and without an item the turn stays.",
        shows: |difference| {
            let order = |step: &Seen| {
                let text = step.about("merge").map(str::to_owned);
                text.filter(|text| text.starts_with("polled: ") && text.contains(", then "))
            };
            let (yours, right) = (
                order(difference.your_step()),
                order(difference.expected_step()),
            );
            let turned = |text: &str| {
                let names = text.trim_start_matches("polled: ");
                let (a, b) = names.split_once(", then ").unwrap_or((names, ""));
                format!("polled: {b}, then {a}")
            };
            matches!((yours, right), (Some(yours), Some(right)) if turned(&yours) == right)
        },
    },
    Known {
        mistake: "busy-poll",
        sentence: "The merge woke its task in its own poll.",
        shows: |difference| {
            matches!(difference.operation(), Some(Step::Poll(_)))
                && TASKS.iter().any(|task| says(difference, task, WOKEN))
        },
    },
];

/// A merge and its two streams.
pub(super) struct Pair<S> {
    world: World,
    merge: S,
    tasks: [Poller; 2],
    /// The task that polled last and was pending, and how often it was woken then.
    latest: Option<(usize, usize)>,
}

impl<S: Stream<Item = Item> + Unpin> Pair<S> {
    pub(super) fn new(merge: impl FnOnce(Source, Source) -> S) -> Pair<S> {
        let recorder = Recorder::default();
        let (world, first, second) = World::new(None);
        Pair {
            merge: merge(first, second),
            world,
            tasks: TASKS.map(|name| poller(&recorder, name)),
            latest: None,
        }
    }

    fn outcome(&mut self, step: Step) -> Option<String> {
        match step {
            Step::Poll(task) => {
                self.latest = None;
                let wakes = self.tasks[task].wakes();
                self.world.polled();
                let polled = self.tasks[task]
                    .lend(|waker| self.merge.poll_next_unpin(&mut Context::from_waker(waker)));
                self.latest = polled.is_pending().then_some((task, wakes));
                return Some(shown(&polled));
            }
            Step::Has(number) if self.world.is_open(number) => self.world.has(number, 1),
            Step::Ends(number) if self.world.is_open(number) => self.world.ends(number),
            Step::Has(_) | Step::Ends(_) => return None,
        }
        Some("done".to_owned())
    }
}

impl<S: Stream<Item = Item> + Unpin> Machine for Pair<S> {
    type Operation = Step;

    fn apply(&mut self, step: &Step) -> Option<Seen> {
        let outcome = self.outcome(*step)?;
        let mut seen = Seen::of(outcome);
        if matches!(step, Step::Poll(_)) {
            let polled = self.world.polled();
            let polled: Vec<_> = polled.iter().map(|number| NAMES[*number]).collect();
            seen = seen.absence("merge", format!("polled: {}", polled.join(", then ")));
            let again = match self.world.after_none() {
                Some(_) => "polled again",
                None => "not polled again",
            };
            seen = seen.absence("ended", again);
        }
        for (number, name) in NAMES.into_iter().enumerate() {
            let there = match self.world.is_dropped(number) {
                true => "is dropped",
                false => "is there",
            };
            seen = seen.absence(name, there);
        }
        if let Some((task, before)) = self.latest {
            seen = match self.tasks[task].wakes() > before {
                true => seen.fact(TASKS[task], WOKEN),
                false => seen.absence(TASKS[task], NOT_WOKEN),
            };
        }
        Some(seen)
    }

    fn end(self) -> Seen {
        let Pair {
            world,
            merge,
            tasks,
            ..
        } = self;
        drop(merge);
        let alive = (0..2).filter(|number| !world.is_dropped(*number)).count();
        let kept: usize = tasks.iter().map(|task| task.counts().alive).sum();
        Seen::of("the merge is dropped")
            .fact("streams", format!("{alive} alive"))
            .fact("wakers", format!("{kept} kept"))
    }
}
