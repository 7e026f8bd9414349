//! Short runs on one thread: entries are pushed, and taken by three workers.

use std::borrow::Cow;

use probe::runs::{Machine, Operation, Step as Seen};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Step {
    Push,
    PushOwn(usize),
    /// Impossible if the worker would sleep.
    Next(usize),
    Close,
}

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Push | Step::Close => "another thread".into(),
            Step::PushOwn(worker) | Step::Next(worker) => format!("worker {worker}").into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Push => "push(…)".into(),
            Step::PushOwn(worker) => format!("push_own({worker}, …)").into(),
            Step::Next(worker) => format!("next({worker})").into(),
            Step::Close => "close()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Push => "an entry was pushed to the shared queue".into(),
            Step::PushOwn(worker) => {
                format!("worker {worker} pushed an entry to its own queue").into()
            }
            Step::Next(worker) => format!("worker {worker} took an entry").into(),
            Step::Close => "the queues were closed".into(),
        }
    }
}

macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(crate) struct $name {
            queues: $($module)::+::RunQueues<String>,
            pushed: usize,
            queued: usize,
            closed: bool,
        }

        impl $name {
            pub(crate) fn new() -> $name {
                $name {
                    queues: $($module)::+::RunQueues::new(3),
                    pushed: 0,
                    queued: 0,
                    closed: false,
                }
            }

            fn entry(&mut self) -> String {
                self.pushed += 1;
                self.queued += 1;
                format!("entry {}", self.pushed)
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                Some(match step {
                    Step::Push => {
                        let entry = self.entry();
                        let seen = Seen::of(entry.clone());
                        self.queues.push(entry);
                        seen
                    }
                    Step::PushOwn(worker) => {
                        let entry = self.entry();
                        let seen = Seen::of(entry.clone());
                        self.queues.push_own(*worker, entry);
                        seen
                    }
                    Step::Next(_) if self.queued == 0 && !self.closed => return None,
                    Step::Next(worker) => {
                        self.queued = self.queued.saturating_sub(1);
                        Seen::of(self.queues.next(*worker).unwrap_or_else(|| "None".to_owned()))
                    }
                    Step::Close => {
                        self.queues.close();
                        self.closed = true;
                        Seen::of("done")
                    }
                })
            }

            fn end(self) -> Seen {
                Seen::of("the queues are dropped")
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, speed::stealing);
