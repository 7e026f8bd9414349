//! 8.11 break-the-barrier: a barrier for two tasks, round after round.

#[path = "break_the_barrier/faulty.rs"]
mod faulty;
#[path = "break_the_barrier/right.rs"]
mod right;

use std::borrow::Cow;

use super::subject::{Step, Task, schedule};
use probe::breaking::{Breaking, Fault, Scheduled, Version};
use probe::{run, runs};
use probe_futures::seat::Seat;

const STEPS: [Step; 6] = [
    Step::Polls(Task::A),
    Step::Polls(Task::B),
    Step::Polls(Task::C),
    Step::Drops(Task::A),
    Step::Drops(Task::B),
    Step::Drops(Task::C),
];

impl Scheduled for Step {
    fn track(&self) -> Cow<'static, str> {
        let (Step::Polls(task) | Step::Drops(task)) = self;
        format!("{task:?}").into()
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Polls(_) => "polls its wait".into(),
            Step::Drops(_) => "drops its wait".into(),
        }
    }
}

/// What the contract says of a task.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Is {
    Away,
    Arrived,
    /// Its round is complete, and it has not polled since.
    Through,
}

/// The contract: who has arrived, and whose round is complete.
struct Model {
    tasks: [Is; 3],
    fault: Option<Fault>,
}

impl Model {
    fn polls(&mut self, task: Task, ready: bool) {
        let place = task as usize;
        let arrives = self.tasks[place] == Is::Away;
        let other = self.tasks.iter().position(|is| *is == Is::Arrived);
        let expected = match (self.tasks[place], other) {
            (Is::Through, _) => true,
            (Is::Away, Some(other)) => {
                self.tasks[other] = Is::Through;
                true
            }
            _ => false,
        };
        self.tasks[place] = if expected { Is::Away } else { Is::Arrived };
        let what = match (expected, ready) {
            (true, false) if arrives => "is the second to arrive, and waits",
            (true, false) => "waits, and its round is complete",
            (false, true) => "goes through alone",
            _ => return,
        };
        self.fault = Some(Fault::of(format!("{task:?}"), what));
    }
}

/// Carries out the steps on one version.
macro_rules! version {
    ($name:ident, $module:ident) => {
        struct $name {
            barrier: $module::Barrier,
            seats: [Seat<$module::Wait>; 3],
            model: Model,
        }

        impl $name {
            fn new() -> $name {
                $name {
                    barrier: $module::Barrier::default(),
                    seats: ["A", "B", "C"].map(Seat::new),
                    model: Model {
                        tasks: [Is::Away; 3],
                        fault: None,
                    },
                }
            }
        }

        impl Version for $name {
            type Step = Step;

            fn apply(&mut self, step: &Step) -> Result<runs::Step, String> {
                let outcome = match *step {
                    Step::Polls(task) => {
                        let polled = self.seats[task as usize].poll(|| self.barrier.wait());
                        self.model.polls(task, polled.is_ready());
                        if polled.is_ready() {
                            "ready"
                        } else {
                            "pending"
                        }
                    }
                    Step::Drops(task) if self.seats[task as usize].drop_future() => {
                        self.model.tasks[task as usize] = Is::Away;
                        "done"
                    }
                    Step::Drops(task) => {
                        return Err(format!("{task:?} has no wait that it could drop"));
                    }
                };
                let step = runs::Step::of(outcome);
                Ok(self
                    .seats
                    .iter_mut()
                    .fold(step, |step, seat| seat.tell(step)))
            }

            fn fault(&self) -> Option<Fault> {
                let asleep = |seat: &&Seat<_>| {
                    let place = usize::from(seat.name().as_bytes()[0] - b'A');
                    seat.sleeps() && self.model.tasks[place] == Is::Through
                };
                let asleep = self.seats.iter().find(asleep);
                let asleep = asleep.map(|seat| {
                    Fault::of(
                        seat.name(),
                        "waits, its round is complete, and it is not woken",
                    )
                });
                self.model.fault.clone().or(asleep)
            }
        }
    };
}

version!(Faulty, faulty);
version!(Right, right);

#[test]
fn exactly_the_faulty_barrier_mixes_up_two_rounds() {
    let how = Breaking {
        rule: "a task goes through when two have arrived in its round, and not before",
        alphabet: &STEPS,
    };
    how.judge(&run!(), schedule, Faulty::new, Right::new);
}
