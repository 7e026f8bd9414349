//! Short runs: three tasks that wait, two kinds of notifications, and tasks that are dropped.

use std::borrow::Cow;
use std::pin::Pin;

use probe::runs::{Machine, Operation, Step as Seen};
use probe_futures::runs::Waiter;

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
            waits: [Option<Pin<Box<$($module)::+::Notified<'static>>>>; 3],
            tasks: [Waiter; 3],
        }

        impl $name {
            pub(super) fn new() -> $name {
                $name {
                    notify: Box::leak(Box::default()),
                    waits: [None, None, None],
                    tasks: NAMES.map(Waiter::new),
                }
            }

            fn polls(&mut self, task: usize) -> &'static str {
                let notify = self.notify;
                let wait = self.waits[task].get_or_insert_with(|| Box::pin(notify.notified()));
                if self.tasks[task].poll(wait.as_mut()).is_pending() {
                    return "Pending";
                }
                self.waits[task] = None;
                "Ready"
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                let outcome = match step {
                    Step::Polls(task) => self.polls(*task),
                    Step::Drops(task) => {
                        drop(self.waits[*task].take()?);
                        self.tasks[*task].stop_waiting();
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
                Some(self.tasks.iter().fold(Seen::of(outcome), |seen, task| task.tell(seen)))
            }

            fn end(mut self) -> Seen {
                self.waits = [None, None, None];
                let kept: usize = self.tasks.iter().map(Waiter::wakers_kept).sum();
                Seen::of("all tasks are dropped").fact("wakers", format!("{kept} kept"))
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, synchronization::shared_notify);
