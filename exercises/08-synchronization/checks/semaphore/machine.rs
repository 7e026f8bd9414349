//! Short runs: three tasks that ask for 1, 2 and 1 permits, and code that tries, releases and closes.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::Poll;

use probe::Recorder;
use probe::runs::{Difference, Known, Machine, Operation, Step};
use probe_futures::{Poller, poller};

/// The tasks and what each asks for. The last one only tries.
const NAMES: [&str; 4] = ["A", "B", "C", "D"];
const COUNTS: [usize; 4] = [1, 2, 1, 1];
const TRIES: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// The task makes a future of its permits and polls it, or polls it again.
    Polls(usize),
    /// The task drops its future or its permits.
    Drops(usize),
    Forgets(usize),
    Tries,
    Releases(usize),
    Closes,
}

/// For a semaphore with one permit and no limit.
pub(super) const QUEUE: [Move; 9] = [
    Move::Polls(0),
    Move::Polls(1),
    Move::Polls(2),
    Move::Drops(0),
    Move::Drops(1),
    Move::Drops(2),
    Move::Tries,
    Move::Releases(1),
    Move::Closes,
];

/// For a semaphore with two permits and a limit of two.
pub(super) const LIMIT: [Move; 9] = [
    Move::Polls(0),
    Move::Polls(1),
    Move::Drops(0),
    Move::Drops(1),
    Move::Forgets(0),
    Move::Forgets(1),
    Move::Releases(0),
    Move::Releases(1),
    Move::Releases(2),
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Polls(task) | Move::Drops(task) | Move::Forgets(task) => NAMES[*task].into(),
            Move::Tries => NAMES[TRIES].into(),
            Move::Releases(_) | Move::Closes => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Polls(task) => format!("polls acquire_many({})", COUNTS[*task]).into(),
            Move::Drops(_) => "is dropped with what it has".into(),
            Move::Forgets(_) => "forgets its permits".into(),
            Move::Tries => "try_acquire()".into(),
            Move::Releases(count) => format!("release({count})").into(),
            Move::Closes => "close()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Polls(task) => {
                let (name, count) = (NAMES[*task], COUNTS[*task]);
                format!("{name} polled its future of {count}").into()
            }
            Move::Drops(task) => format!("{} was dropped", NAMES[*task]).into(),
            Move::Forgets(task) => format!("{} forgot its permits", NAMES[*task]).into(),
            Move::Tries => "D called `try_acquire`".into(),
            Move::Releases(count) => format!("`release({count})` was called").into(),
            Move::Closes => "the semaphore was closed".into(),
        }
    }
}

fn permits(difference: &Difference<Move>) -> (&str, &str) {
    let yours = difference.your_step().about("semaphore");
    let expected = difference.expected_step().about("semaphore");
    (yours.unwrap_or(""), expected.unwrap_or(""))
}

pub(super) const KNOWN: [Known<Move>; 1] = [Known {
    mistake: "overtaken-by-try",
    sentence: "A task waits, and `try_acquire` got a permit before it.",
    shows: |difference| {
        difference.operation() == Some(&Move::Tries)
            && difference.your_step().outcome() == "Ok(permit)"
            && permits(difference).1.contains("wait")
    },
}];

/// What a task has.
enum Slot<A, P> {
    Nothing,
    Waits(Pin<Box<A>>),
    Has(P),
}

/// Two wakers for one task, so that each poll brings another one.
struct Wakers {
    pollers: [Poller; 2],
    polls: usize,
    wakes: usize,
}

impl Wakers {
    fn new(name: &str) -> Wakers {
        let recorder = Recorder::default();
        Wakers {
            pollers: [(); 2].map(|()| poller(&recorder, name)),
            polls: 0,
            wakes: 0,
        }
    }

    fn next(&mut self) -> &Poller {
        self.polls += 1;
        let poller = &self.pollers[self.polls % 2];
        self.wakes = poller.wakes();
        poller
    }

    /// How often the waker of the latest poll was called since.
    fn woken(&self) -> usize {
        self.pollers[self.polls % 2].wakes() - self.wakes
    }

    fn kept(&self) -> usize {
        self.pollers
            .iter()
            .map(|poller| poller.counts().alive)
            .sum()
    }
}

/// Carries out the moves on a semaphore of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            semaphore: $($module)::+::Semaphore,
            slots: [Slot<$($module)::+::Acquire, $($module)::+::Permit>; 4],
            wakers: [Wakers; 4],
        }

        impl $name {
            pub(super) fn new() -> $name {
                $name::of($($module)::+::Semaphore::new(1))
            }

            pub(super) fn bounded() -> $name {
                $name::of($($module)::+::Semaphore::bounded(2))
            }

            fn of(semaphore: $($module)::+::Semaphore) -> $name {
                let slots = [Slot::Nothing, Slot::Nothing, Slot::Nothing, Slot::Nothing];
                $name { semaphore, slots, wakers: NAMES.map(Wakers::new) }
            }

            fn polls(&mut self, task: usize) -> Option<Cow<'static, str>> {
                if let Slot::Nothing = self.slots[task] {
                    self.slots[task] = Slot::Waits(Box::pin(self.semaphore.acquire_many(COUNTS[task])));
                }
                let Slot::Waits(acquire) = &mut self.slots[task] else { return None };
                let (slot, outcome) = match self.wakers[task].next().poll(acquire.as_mut()) {
                    Poll::Pending => return Some("Pending".into()),
                    Poll::Ready(Err(_)) => (Slot::Nothing, "Ready(Err(Closed))".into()),
                    Poll::Ready(Ok(permit)) => {
                        let outcome = format!("Ready(Ok(permit of {}))", permit.count());
                        (Slot::Has(permit), outcome.into())
                    }
                };
                self.slots[task] = slot;
                Some(outcome)
            }

            fn outcome(&mut self, step: Move) -> Option<Cow<'static, str>> {
                Some(match step {
                    Move::Polls(task) => self.polls(task)?,
                    Move::Drops(task) => {
                        if let Slot::Nothing = self.slots[task] {
                            return None;
                        }
                        self.slots[task] = Slot::Nothing;
                        "done".into()
                    }
                    Move::Forgets(task) => match std::mem::replace(&mut self.slots[task], Slot::Nothing) {
                        Slot::Has(permit) => {
                            permit.forget();
                            "done".into()
                        }
                        slot => {
                            self.slots[task] = slot;
                            return None;
                        }
                    },
                    Move::Tries => match (&self.slots[TRIES], self.semaphore.try_acquire()) {
                        (Slot::Nothing, Ok(permit)) => {
                            self.slots[TRIES] = Slot::Has(permit);
                            "Ok(permit)".into()
                        }
                        (_, Ok(_returned)) => return None,
                        (_, Err(refused)) => format!("Err({refused:?})").into(),
                    },
                    Move::Releases(count) => match self.semaphore.release(count) {
                        Ok(()) => "Ok".into(),
                        Err(_) => "Err(TooMany)".into(),
                    },
                    Move::Closes if self.semaphore.is_closed() => return None,
                    Move::Closes => {
                        self.semaphore.close();
                        "done".into()
                    }
                })
            }
        }

        impl Machine for $name {
            type Operation = Move;

            fn apply(&mut self, step: &Move) -> Option<Step> {
                let mut step = Step::of(self.outcome(*step)?);
                for (task, slot) in self.slots.iter().enumerate() {
                    if let Slot::Waits(_) = slot {
                        step = match self.wakers[task].woken() {
                            0 => step.absence(NAMES[task], "is not woken"),
                            1 => step.fact(NAMES[task], "is woken"),
                            times => step.fact(NAMES[task], format!("is woken {times} times")),
                        };
                    }
                }
                let (free, waiting) = (self.semaphore.available(), self.semaphore.waiting());
                let tasks = match waiting {
                    0 => String::new(),
                    1 => ", 1 task waits".to_owned(),
                    tasks => format!(", {tasks} tasks wait"),
                };
                Some(step.fact("semaphore", format!("{free} free{tasks}")))
            }

            fn end(self) -> Step {
                let $name { semaphore, slots, wakers } = self;
                drop(slots);
                let kept: usize = wakers.iter().map(Wakers::kept).sum();
                Step::of("all tasks are dropped")
                    .fact("semaphore", format!("{} free", semaphore.available()))
                    .fact("wakers", format!("{kept} kept"))
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, synchronization::semaphore);
