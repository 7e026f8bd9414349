//! 3.10 break-the-latch: a latch that opens, and a task that it does not wake.

#[path = "break_the_latch/faulty.rs"]
mod faulty;
#[path = "break_the_latch/right.rs"]
mod right;

use std::borrow::Cow;

use super::subject::{Step, Task, schedule};
use probe::breaking::{Breaking, Fault, Scheduled, Version};
use probe::{run, runs};
use probe_futures::seat::Seat;

const STEPS: [Step; 7] = [
    Step::Polls(Task::A),
    Step::Polls(Task::B),
    Step::Polls(Task::C),
    Step::Drops(Task::A),
    Step::Drops(Task::B),
    Step::Drops(Task::C),
    Step::Opens,
];

impl Scheduled for Step {
    fn track(&self) -> Cow<'static, str> {
        match self {
            Step::Polls(task) | Step::Drops(task) => format!("{task:?}").into(),
            Step::Opens => "latch".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Polls(_) => "polls its wait".into(),
            Step::Drops(_) => "drops its wait".into(),
            Step::Opens => "opens".into(),
        }
    }
}

/// Carries out the steps on one version.
macro_rules! version {
    ($name:ident, $module:ident) => {
        struct $name {
            latch: $module::Latch,
            open: bool,
            seats: [Seat<$module::Wait>; 3],
        }

        impl $name {
            fn new() -> $name {
                $name {
                    latch: $module::Latch::default(),
                    open: false,
                    seats: ["A", "B", "C"].map(Seat::new),
                }
            }
        }

        impl Version for $name {
            type Step = Step;

            fn apply(&mut self, step: &Step) -> Result<runs::Step, String> {
                let outcome = match *step {
                    Step::Polls(task) => {
                        let polled = self.seats[task as usize].poll(|| self.latch.wait());
                        if polled.is_ready() {
                            "ready"
                        } else {
                            "pending"
                        }
                    }
                    Step::Drops(task) if self.seats[task as usize].drop_future() => "done",
                    Step::Drops(task) => {
                        return Err(format!("{task:?} has no wait that it could drop"));
                    }
                    Step::Opens if self.open => return Err("the latch is open already".to_owned()),
                    Step::Opens => {
                        self.open = true;
                        self.latch.open();
                        "done"
                    }
                };
                let step = runs::Step::of(outcome);
                Ok(self
                    .seats
                    .iter_mut()
                    .fold(step, |step, seat| seat.tell(step)))
            }

            fn fault(&self) -> Option<Fault> {
                let asleep = self.seats.iter().find(|seat| seat.sleeps())?;
                self.open
                    .then(|| Fault::of(asleep.name(), "waits, and is not woken"))
            }

            fn fault_in_the_end(&self) -> Option<Fault> {
                let waits = self.seats.iter().find(|seat| seat.sleeps())?;
                Some(Fault::of(waits.name(), "waits, and the latch stays closed"))
            }
        }
    };
}

version!(Faulty, faulty);
version!(Right, right);

#[test]
fn exactly_the_faulty_latch_leaves_a_task_asleep() {
    let how = Breaking {
        rule: "in the end the latch has woken every task that waits, by the waker of its latest poll",
        alphabet: &STEPS,
    };
    how.judge(&run!(), schedule, Faulty::new, Right::new);
}
