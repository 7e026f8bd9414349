//! Every short run: the steps, and the machine that carries them out on the learner's code and on the reference.

use std::borrow::Cow;

use super::super::subject::Operation;
use super::table::Op;
use probe::detect::{DropCounter, Token};
use probe::runs::{self, Machine, Step as Seen};

/// One operation of a short run.
#[derive(Clone, Copy)]
pub(super) struct Step(pub(super) Op);

impl runs::Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self.0 {
            Operation::Start | Operation::Finish(_) => "worker".into(),
            Operation::Cancel | Operation::Ask | Operation::Tell => "waiter".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self.0 {
            Operation::Finish(_) => "finish(value)".into(),
            other => other.name().into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        format!("“{}” was tried", self.0.name()).into()
    }
}

/// Carries out the operations on a state of `$module`, whose outcomes are counted.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            state: $($module)::+::State<Token>,
            outcomes: DropCounter,
        }

        impl $name {
            pub(super) fn new() -> $name {
                $name {
                    state: $($module)::+::State::Pending,
                    outcomes: DropCounter::new(),
                }
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, operation: &Step) -> Option<Seen> {
                use $($module)::+::{Answer, Operation as Try};
                let answer = self.state.step(match operation.0 {
                    Operation::Start => Try::Start,
                    Operation::Finish(_) => Try::Finish(self.outcomes.token()),
                    Operation::Cancel => Try::Cancel,
                    Operation::Ask => Try::Ask,
                    Operation::Tell => Try::Tell,
                });
                let answer = match answer {
                    Answer::Changed => "changed".to_owned(),
                    Answer::TooLate => "too late".to_owned(),
                    Answer::NotYet => "not yet".to_owned(),
                    Answer::Now => "now".to_owned(),
                    Answer::Invalid(invalid) => format!("invalid: {} when {}", invalid.operation, invalid.state),
                };
                let alive = format!("{} alive", self.outcomes.alive());
                Some(Seen::of(answer).fact("state", self.state.name()).absence("outcomes", alive))
            }

            fn end(self) -> Seen {
                drop(self.state);
                Seen::of("dropped").absence("outcomes", format!("{} alive", self.outcomes.alive()))
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, cancellation);
