//! Every short run: the steps, and the machine that carries them out on the learner's code and on the reference.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::rc::Rc;

use super::reports::OutOfPaper;
use cancellation::Failure;
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Operation, Step as Seen};
use probe_loop::ManualLoop;

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Error,
    Value,
    Cancelled,
}

/// One step of a short run: something that one of the owners does.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    Clone,
    DropOldest,
    DropNewest,
    RetrieveByOldest,
    RetrieveByNewest,
}

pub(super) const ALPHABET: [Step; 5] = [
    Step::Clone,
    Step::DropOldest,
    Step::DropNewest,
    Step::RetrieveByOldest,
    Step::RetrieveByNewest,
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::DropOldest | Step::RetrieveByOldest => "oldest clone".into(),
            _ => "newest clone".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Clone => "clone()".into(),
            Step::DropOldest | Step::DropNewest => "is dropped".into(),
            Step::RetrieveByOldest | Step::RetrieveByNewest => "retrieve()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Clone => "the newest clone was cloned".into(),
            Step::DropOldest => "the oldest clone was dropped".into(),
            Step::DropNewest => "the newest clone was dropped".into(),
            Step::RetrieveByOldest => "the oldest clone retrieved the outcome".into(),
            Step::RetrieveByNewest => "the newest clone retrieved the outcome".into(),
        }
    }
}

/// A value that is counted, with its clones.
pub(super) struct Value(DropCounter, #[allow(dead_code)] Token);

impl Value {
    pub(super) fn new(values: &DropCounter) -> Value {
        Value(values.clone(), values.token())
    }
}

impl Clone for Value {
    fn clone(&self) -> Value {
        Value::new(&self.0)
    }
}

/// Carries out the steps on the clones of one outcome of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            clones: VecDeque<$($module)::+::Kept<Value>>,
            event_loop: Rc<ManualLoop>,
            values: DropCounter,
        }

        impl $name {
            pub(super) fn new(kind: Kind) -> $name {
                let (values, event_loop) = (DropCounter::new(), Rc::new(ManualLoop::default()));
                let outcome = match kind {
                    Kind::Error => Err(Failure::error(OutOfPaper(Some(values.token())))),
                    Kind::Value => Ok(Value::new(&values)),
                    Kind::Cancelled => Err(Failure::Cancelled),
                };
                let spawn = Rc::<ManualLoop>::clone(&event_loop);
                let kept = $($module)::+::Kept::new(outcome, spawn);
                $name { clones: VecDeque::from([kept]), event_loop, values }
            }

            fn outcome(&mut self, step: Step) -> Option<Cow<'static, str>> {
                let retrieved = match step {
                    Step::Clone => {
                        let clone = self.clones.back()?.clone();
                        self.clones.push_back(clone);
                        return Some("a clone".into());
                    }
                    Step::DropOldest => {
                        drop(self.clones.pop_front()?);
                        return Some("dropped".into());
                    }
                    Step::DropNewest => {
                        drop(self.clones.pop_back()?);
                        return Some("dropped".into());
                    }
                    Step::RetrieveByOldest => self.clones.front()?.retrieve(),
                    Step::RetrieveByNewest => self.clones.back()?.retrieve(),
                };
                Some(match retrieved {
                    Ok(_) => "the value".into(),
                    Err(failure) => failure.to_string().into(),
                })
            }

            fn reported(&self, step: Seen) -> Seen {
                let reports = self.event_loop.reports();
                let named = reports.iter().all(|said| said.contains("out of paper"));
                let said = match (reports.len(), named) {
                    (0, _) => "nothing".to_owned(),
                    (1, true) => "the error".to_owned(),
                    (1, false) => "something that does not name the error".to_owned(),
                    (times, _) => format!("{times} reports"),
                };
                step.absence("the report", said)
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, operation: &Step) -> Option<Seen> {
                let outcome = self.outcome(*operation)?;
                Some(self.reported(Seen::of(outcome)))
            }

            fn end(mut self) -> Seen {
                self.clones.clear();
                let owners = Rc::strong_count(&self.event_loop) - 1;
                self.reported(Seen::of("every clone is dropped"))
                    .absence("outcomes", format!("{} alive", self.values.alive()))
                    .absence("owners of the loop's handle", owners.to_string())
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, cancellation);
