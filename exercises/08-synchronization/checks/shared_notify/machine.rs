//! Short runs: three tasks that wait, two kinds of notifications, and tasks that are dropped.

use std::borrow::Cow;
use std::pin::Pin;

use probe::Recorder;
use probe::runs::{Machine, Operation, Step as Seen};
use probe_futures::{Poller, poller};

const NAMES: [&str; 3] = ["A", "B", "C"];

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// The task begins to wait, or polls again.
    Polls(usize),
    Drops(usize),
    One,
    All,
}

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Polls(task) | Step::Drops(task) => NAMES[*task].into(),
            Step::One | Step::All => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Polls(_) => "polls notified()".into(),
            Step::Drops(_) => "is dropped".into(),
            Step::One => "notify_one()".into(),
            Step::All => "notify_waiters()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Polls(task) => format!("{} polled its wait", NAMES[*task]).into(),
            Step::Drops(task) => format!("{} was dropped", NAMES[*task]).into(),
            Step::One => "`notify_one` was called".into(),
            Step::All => "`notify_waiters` was called".into(),
        }
    }
}

/// Carries out the steps on a notification of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            notify: &'static $($module)::+::SharedNotify,
            tasks: [Option<Pin<Box<$($module)::+::Notified<'static>>>>; 3],
            pollers: [Poller; 3],
            seen: [usize; 3],
        }

        impl $name {
            pub(super) fn new() -> $name {
                let recorder = Recorder::default();
                $name {
                    notify: Box::leak(Box::default()),
                    tasks: [None, None, None],
                    pollers: NAMES.map(|name| poller(&recorder, name)),
                    seen: [0; 3],
                }
            }

            fn polls(&mut self, task: usize) -> &'static str {
                let notify = self.notify;
                let wait = self.tasks[task].get_or_insert_with(|| Box::pin(notify.notified()));
                self.seen[task] = self.pollers[task].wakes();
                if self.pollers[task].poll(wait.as_mut()).is_pending() {
                    return "Pending";
                }
                self.tasks[task] = None;
                "Ready"
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                let outcome = match step {
                    Step::Polls(task) => self.polls(*task),
                    Step::Drops(task) => {
                        drop(self.tasks[*task].take()?);
                        "done"
                    }
                    Step::One => {
                        self.notify.notify_one();
                        "done"
                    }
                    Step::All => {
                        self.notify.notify_waiters();
                        "done"
                    }
                };
                let mut seen = Seen::of(outcome);
                for (task, name) in NAMES.into_iter().enumerate() {
                    if self.tasks[task].is_some() {
                        let woken = self.pollers[task].wakes() > self.seen[task];
                        seen = match woken {
                            true => seen.fact(name, "is woken"),
                            false => seen.absence(name, "is not woken"),
                        };
                    }
                }
                Some(seen)
            }

            fn end(mut self) -> Seen {
                self.tasks = [None, None, None];
                let kept: usize = self.pollers.iter().map(|poller| poller.counts().alive).sum();
                Seen::of("all tasks are dropped").fact("wakers", format!("{kept} kept"))
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, synchronization::shared_notify);
