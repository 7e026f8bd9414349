//! Every short run: the steps, and the machine that carries them out on the learner's code and on the reference.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::Poll;

use probe::detect::{DropCounter, Token};
use probe::runs::{Known, Machine, Operation, Step as Seen};
use probe_futures::runs::Tasks;

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Step {
    /// By task A or B.
    Poll(usize),
    Send,
    DropSender,
    DropReceiver,
    IsClosed,
}

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(_) | Step::DropReceiver => "receiver".into(),
            Step::Send | Step::DropSender | Step::IsClosed => "sender".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(0) => "poll by A".into(),
            Step::Poll(_) => "poll by B".into(),
            Step::Send => "send(value)".into(),
            Step::DropSender | Step::DropReceiver => "is dropped".into(),
            Step::IsClosed => "is_closed()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(0) => "A polled the receiver".into(),
            Step::Poll(_) => "B polled the receiver".into(),
            Step::Send => "a value was sent".into(),
            Step::DropSender => "the sender was dropped".into(),
            Step::DropReceiver => "the receiver was dropped".into(),
            Step::IsClosed => "the sender asked `is_closed`".into(),
        }
    }
}

pub(super) const KNOWN: [Known<Step>; 3] = [
    Known {
        mistake: "value-lost",
        sentence: "The receiver had been dropped, and `send` returned Ok: the value is lost.",
        shows: |difference| {
            difference.operation() == Some(&Step::Send)
                && difference.your_step().outcome() == "Ok"
                && difference.expected_step().outcome() == "Err(value)"
        },
    },
    Known {
        mistake: "waiting-taken-for-closed",
        sentence: "The receiver was there, and `is_closed` returned true. `is_closed` says whether the receiver is gone.",
        shows: |difference| {
            difference.operation() == Some(&Step::IsClosed)
                && difference.your_step().outcome() == "true"
                && difference.expected_step().outcome() == "false"
        },
    },
    Known {
        mistake: "resumed-after-complete",
        sentence: "The receiver had been ready, and a second poll did not panic.",
        shows: |difference| {
            matches!(difference.operation(), Some(Step::Poll(_)))
                && difference.expected_step().outcome() == "panics"
        },
    },
];

/// Carries out the steps on a channel of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            sender: Option<$($module)::+::Sender<Token>>,
            receiver: Option<Pin<Box<$($module)::+::Receiver<Token>>>>,
            tasks: Tasks,
            values: DropCounter,
        }

        impl $name {
            pub(super) fn new() -> $name {
                let (sender, receiver) = $($module)::+::channel();
                $name {
                    sender: Some(sender),
                    receiver: Some(Box::pin(receiver)),
                    tasks: Tasks::new(),
                    values: DropCounter::new(),
                }
            }

            fn outcome(&mut self, step: Step) -> Option<&'static str> {
                Some(match step {
                    Step::Poll(task) => match self.tasks.poll(task, self.receiver.as_mut()?.as_mut()) {
                        Poll::Pending => "Pending",
                        Poll::Ready(Ok(_)) => "Ready(Ok(value))",
                        Poll::Ready(Err(_)) => "Ready(Err(Closed))",
                    },
                    Step::Send => match self.sender.take()?.send(self.values.token()) {
                        Ok(()) => "Ok",
                        Err(_) => "Err(value)",
                    },
                    Step::DropSender => {
                        drop(self.sender.take()?);
                        "done"
                    }
                    Step::DropReceiver => {
                        self.tasks.stop_waiting();
                        drop(self.receiver.take()?);
                        "done"
                    }
                    Step::IsClosed if self.sender.as_ref()?.is_closed() => "true",
                    Step::IsClosed => "false",
                })
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                let outcome = self.outcome(*step)?;
                let seen = self.tasks.tell(Seen::of(outcome));
                Some(seen.fact("values", format!("{} alive", self.values.alive())))
            }

            fn end(self) -> Seen {
                let $name { sender, receiver, tasks, values } = self;
                drop((sender, receiver));
                Seen::of("everything is dropped")
                    .fact("values", format!("{} alive", values.alive()))
                    .fact("wakers", format!("{} kept", tasks.wakers_kept()))
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, wakers::oneshot);
