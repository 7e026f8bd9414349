//! 12.1 break-the-once: a value that is loaded once, and the schedule in which a task waits for it without end.

#[path = "break_the_once/faulty.rs"]
mod faulty;
#[path = "break_the_once/right.rs"]
mod right;
#[path = "break_the_once/version.rs"]
mod version;

use std::borrow::Cow;

use super::subject::{Step, Task, schedule};
use probe::breaking::{Breaking, Scheduled};
use probe::run;
use version::{Faulty, Right};

const STEPS: [Step; 7] = [
    Step::Polls(Task::A),
    Step::Polls(Task::B),
    Step::Polls(Task::C),
    Step::Drops(Task::A),
    Step::Drops(Task::B),
    Step::Drops(Task::C),
    Step::Answers,
];

impl Scheduled for Step {
    fn track(&self) -> Cow<'static, str> {
        match self {
            Step::Polls(task) | Step::Drops(task) => format!("{task:?}").into(),
            Step::Answers => "server".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Polls(_) => "polls its get".into(),
            Step::Drops(_) => "drops its get".into(),
            Step::Answers => "answers".into(),
        }
    }
}

#[test]
fn exactly_the_faulty_version_leaves_a_task_waiting() {
    let how = Breaking {
        rule: "while a task waits, a task loads the value or a waiting task has been woken",
        alphabet: &STEPS,
    };
    how.judge(&run!(), schedule, Faulty::new, Right::new);
}
