//! 4.11 break-the-sleep: a loop that sleeps while an entry waits.

#[path = "break_the_sleep/faulty.rs"]
mod faulty;
#[path = "break_the_sleep/right.rs"]
mod right;

use std::borrow::Cow;

use super::subject::{Step, schedule};
use probe::breaking::{Breaking, Fault, Scheduled, Version};
use probe::{run, runs};

const STEPS: [Step; 2] = [Step::Loop, Step::Sender];

impl Scheduled for Step {
    fn track(&self) -> Cow<'static, str> {
        match self {
            Step::Loop => "loop".into(),
            Step::Sender => "sender".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        "next step".into()
    }
}

/// Carries out the steps on one version.
macro_rules! version {
    ($name:ident, $module:ident) => {
        #[derive(Default)]
        struct $name($module::Threads);

        impl Version for $name {
            type Step = Step;

            fn apply(&mut self, step: &Step) -> Result<runs::Step, String> {
                let outcome = match step {
                    Step::Sender => self.0.sender_steps(),
                    Step::Loop => match self.0.loop_steps() {
                        Some(outcome) => outcome,
                        None => return Err("the loop sleeps, and was not unparked".to_owned()),
                    },
                };
                Ok(runs::Step::of(outcome))
            }

            fn fault(&self) -> Option<Fault> {
                let lost = self.0.is_lost();
                lost.then(|| Fault::of("loop", "sleeps, and an entry is in the queue"))
            }
        }
    };
}

version!(Faulty, faulty);
version!(Right, right);

#[test]
fn exactly_the_faulty_loop_sleeps_while_an_entry_waits() {
    let how = Breaking {
        rule: "while the loop sleeps and was not unparked, the queue holds no entry whose sender has asked whether the loop is asleep",
        alphabet: &STEPS,
    };
    how.judge(&run!(), schedule, Faulty::default, Right::default);
}
