//! Short runs: what can happen to a set, and a set as a machine.

use std::borrow::Cow;

use futures::Stream;
use probe::runs::{Known, Machine, Operation, Step as Seen};
use probe::{Recorder, Run};
use probe_futures::poller;
use probe_futures::waker::Poller;

use super::world::{Child, World, poll, shown};

/// What the two sets have in common.
pub(super) trait Set: Stream<Item = &'static str> + Unpin {
    fn empty() -> Self;
    fn add(&mut self, child: Child);
    fn count(&self) -> usize;
}

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// By task A or B.
    Poll(usize),
    Push,
    Finishes(&'static str),
    /// With the waker of its latest poll, also when it has left.
    Wakes(&'static str),
    WillWakeItself(&'static str),
    WillPanic(&'static str),
}

/// In the order in which they are pushed.
pub(super) const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const TASKS: [&str; 2] = ["A", "B"];

const WOKEN: &str = "was woken since its poll";
const NOT_WOKEN: &str = "was not woken since its poll";

/// What can happen in a run of a few steps: two children are there, and a third comes.
pub(super) fn short() -> Vec<Step> {
    let mut all = vec![Step::Poll(0), Step::Poll(1), Step::Push];
    for child in ["a", "b"] {
        all.extend([Step::Finishes(child), Step::Wakes(child)]);
    }
    all.extend([Step::WillWakeItself("a"), Step::WillPanic("a")]);
    all
}

/// What can happen in a long run.
pub(super) fn long() -> Vec<Step> {
    // Polls and pushes as often as all the rest.
    let mut all = [Step::Poll(0), Step::Poll(0), Step::Poll(1), Step::Push].repeat(4);
    for child in NAMES {
        all.extend([Step::Finishes(child), Step::Wakes(child)]);
        all.extend([Step::WillWakeItself(child), Step::WillPanic(child)]);
    }
    all
}

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(_) | Step::Push => "set".into(),
            Step::Finishes(child)
            | Step::Wakes(child)
            | Step::WillWakeItself(child)
            | Step::WillPanic(child) => (*child).into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(task) => format!("poll_next by {}", TASKS[*task]).into(),
            Step::Push => "push(child)".into(),
            Step::Finishes(_) => "has its output, and wakes".into(),
            Step::Wakes(_) => "its latest waker is called".into(),
            Step::WillWakeItself(_) => "will wake itself in its next poll".into(),
            Step::WillPanic(_) => "wakes, and will panic".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(task) => format!("{} polled the set", TASKS[*task]).into(),
            Step::Push => "a child was pushed".into(),
            Step::Finishes(child) => format!("{child} had its output and woke").into(),
            Step::Wakes(child) => format!("the latest waker of {child} was called").into(),
            Step::WillWakeItself(child) => {
                format!("{child} was going to wake itself in its next poll").into()
            }
            Step::WillPanic(child) => format!("{child} woke and was going to panic").into(),
        }
    }
}

pub(super) const KNOWN: [Known<Step>; 3] = [
    Known {
        mistake: "polls-everyone",
        sentence: "The set polled a child that was not woken.",
        shows: |difference| {
            let is_step = matches!(difference.operation(), Some(Step::Poll(_)));
            let polled = |step: &Seen| {
                step.about("children")
                    .unwrap_or_default()
                    .matches(' ')
                    .count()
            };
            is_step && polled(difference.your_step()) > polled(difference.expected_step())
        },
    },
    Known {
        mistake: "stale-child-waker",
        sentence: "The child had left the set, and its waker woke the task.",
        shows: |difference| {
            let before = &difference.operations[..difference.yours.len().saturating_sub(1)];
            let Some(Step::Wakes(child)) = difference.operation() else {
                return false;
            };
            let not_woken = |task| difference.expected_step().about(task) == Some(NOT_WOKEN);
            before.contains(&Step::Finishes(child)) && TASKS.into_iter().any(not_woken)
        },
    },
    Known {
        mistake: "never-dropped",
        sentence: "The set is gone, and a child of it is still alive.",
        shows: |difference| {
            difference.at_the_end()
                && difference.your_step().about("alive")
                    != difference.expected_step().about("alive")
        },
    },
];

/// A set and its children.
pub(super) struct Family<S> {
    run: Run,
    world: World,
    set: S,
    pushed: usize,
    tasks: [Poller; 2],
    /// Who polled last and was pending, and how often it was woken then.
    latest: Option<(usize, usize)>,
}

impl<S: Set> Family<S> {
    /// With two children that have not been polled.
    pub(super) fn new() -> Family<S> {
        let recorder = Recorder::default();
        let mut family = Family {
            run: Run::unnamed(),
            world: World::new(&recorder),
            set: S::empty(),
            pushed: 0,
            tasks: TASKS.map(|name| poller(&recorder, name)),
            latest: None,
        };
        family.push();
        family.push();
        family
    }

    fn push(&mut self) -> Option<()> {
        let name = NAMES[self.pushed % NAMES.len()];
        let again = self.pushed >= NAMES.len();
        if again && self.world.waits(name) || self.pushed > 40 {
            return None;
        }
        self.pushed += 1;
        self.set.add(self.world.child(name));
        Some(())
    }

    fn outcome(&mut self, step: Step) -> Option<String> {
        let world = &self.world;
        let known = |child: &str| NAMES[..self.pushed.min(NAMES.len())].contains(&child);
        match step {
            Step::Poll(task) => {
                self.latest = None;
                let wakes = self.tasks[task].wakes();
                let outcome = poll(&self.run, &self.tasks[task], &mut self.set);
                self.latest = outcome.is_pending().then_some((task, wakes));
                return Some(shown(&outcome));
            }
            Step::Push => self.push()?,
            Step::Finishes(child) if known(child) && world.waits(child) => world.finishes(child),
            Step::Wakes(child) if known(child) && world.waker(child).is_some() => {
                world.wakes(child)
            }
            Step::WillWakeItself(child) if known(child) && world.waits(child) => {
                world.will_wake_itself(child);
            }
            Step::WillPanic(child) if known(child) && world.waits(child) => {
                world.will_panic(child);
                world.wakes(child);
            }
            _ => return None,
        }
        Some("returns".to_owned())
    }
}

impl<S: Set> Machine for Family<S> {
    type Operation = Step;

    fn apply(&mut self, step: &Step) -> Option<Seen> {
        let outcome = self.outcome(*step)?;
        let mut seen = Seen::of(outcome);
        if matches!(step, Step::Poll(_)) {
            let polled = self.world.polled();
            let polled: String = polled.iter().map(|name| format!(" {name}")).collect();
            seen = seen.absence("children", format!("polled:{polled}"));
        }
        if let Some((task, before)) = self.latest {
            // Once woken it has to poll: whether later wakes wake it again is the answer's own business.
            let woken = self.tasks[task].wakes() > before;
            seen = match woken {
                true => seen.fact(TASKS[task], WOKEN),
                false => seen.absence(TASKS[task], NOT_WOKEN),
            };
        }
        let alive = format!(
            "{} alive, len() is {}",
            self.world.alive(),
            self.set.count()
        );
        Some(seen.fact("alive", alive))
    }

    fn end(self) -> Seen {
        let Family {
            world, set, tasks, ..
        } = self;
        drop(set);
        let kept: usize = tasks.iter().map(|task| task.counts().alive).sum();
        Seen::of("the set is dropped")
            .fact("alive", format!("{} alive", world.alive()))
            .fact("wakers", format!("{kept} kept"))
    }
}
