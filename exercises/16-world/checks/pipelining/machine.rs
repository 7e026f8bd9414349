//! A client, its connection and its callers on a small loop, once with the learner's code and once with the reference.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use probe::runs::{Known, Machine, Operation, Step as Seen};
use probe_futures::runs::Waiter;

use super::wire::Server;

/// One step of a run. After each, every task that was woken is polled until none is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The next caller sends `ECHO n`, its own number.
    Call,
    /// The caller that has waited longest goes away.
    LeaveOldest,
    /// The caller that called last goes away.
    LeaveNewest,
    Answer,
    /// Two answers, or the rest of one and another one, that one read returns.
    AnswerTwo,
    AnswerInPart,
    Stall,
    TakeAgain,
    DropClient,
    SpuriousPoll,
    End,
}

pub(super) const STEPS: [Step; 11] = [
    Step::Call,
    Step::LeaveOldest,
    Step::LeaveNewest,
    Step::Answer,
    Step::AnswerTwo,
    Step::AnswerInPart,
    Step::Stall,
    Step::TakeAgain,
    Step::DropClient,
    Step::SpuriousPoll,
    Step::End,
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Call | Step::LeaveOldest | Step::LeaveNewest => "callers".into(),
            Step::DropClient => "client".into(),
            Step::SpuriousPoll => "connection".into(),
            _server => "server".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Call => "the next one calls",
            Step::LeaveOldest => "the oldest call is dropped",
            Step::LeaveNewest => "the newest call is dropped",
            Step::Answer => "answers",
            Step::AnswerTwo => "sends two answers at once",
            Step::AnswerInPart => "sends a part of an answer",
            Step::Stall => "takes nothing more",
            Step::TakeAgain => "takes bytes again",
            Step::DropClient => "is dropped",
            Step::SpuriousPoll => "polled without a wake",
            Step::End => "ends the stream",
        }
        .into()
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Call => "a call was made",
            Step::LeaveOldest => "the oldest call was dropped",
            Step::LeaveNewest => "the newest call was dropped",
            Step::Answer => "the server answered",
            Step::AnswerTwo => "the server sent two answers at once",
            Step::AnswerInPart => "the server sent a part of an answer",
            Step::Stall => "the server stopped taking bytes",
            Step::TakeAgain => "the server took bytes again",
            Step::DropClient => "the client was dropped",
            Step::SpuriousPoll => "the connection was polled without a wake",
            Step::End => "the server ended the stream",
        }
        .into()
    }
}

pub(super) const KNOWN: [Known<Step>; 2] = [
    Known {
        mistake: "answer-to-the-wrong-caller",
        sentence: "A call got the answer to another command.",
        shows: |difference| {
            let wrong = |text: &str| {
                text.split(", ").any(|part| {
                    part.split_once(" gets ").is_some_and(|(caller, answer)| {
                        caller.strip_prefix("call ") != Some(answer) && answer != "Lost"
                    })
                })
            };
            wrong(difference.your_step().outcome())
        },
    },
    Known {
        mistake: "callers-left-waiting",
        sentence: "The connection is lost, and a call still waits for its answer.",
        shows: |difference| {
            difference.expected_step().outcome().contains("Lost")
                && !difference.your_step().outcome().contains("Lost")
        },
    },
];

/// A future, and whether it was woken.
pub(super) struct Task<T> {
    pub(super) future: Option<Pin<Box<dyn Future<Output = T>>>>,
    pub(super) waiter: Waiter,
    /// Where a future goes that has completed, if it is not dropped at once: its destructor is no part of its end.
    kept: Option<Vec<Pin<Box<dyn Future<Output = T>>>>>,
}

impl<T> Task<T> {
    pub(super) fn new(future: impl Future<Output = T> + 'static) -> Task<T> {
        Task {
            future: Some(Box::pin(future)),
            waiter: Waiter::new("task"),
            kept: None,
        }
    }

    /// Keeps the future when it has completed.
    fn keeping(mut self) -> Task<T> {
        self.kept = Some(Vec::new());
        self
    }

    /// Polls it if it was woken. Returns whether it was, and the output.
    pub(super) fn turn(&mut self) -> (bool, Option<T>) {
        if self.future.is_none() || !self.waiter.is_due() {
            return (false, None);
        }
        (true, self.poll())
    }

    pub(super) fn poll(&mut self) -> Option<T> {
        let future = self.future.as_mut()?;
        match self.waiter.poll(future.as_mut()) {
            Poll::Pending => None,
            Poll::Ready(output) => {
                let completed = self.future.take();
                if let Some(kept) = &mut self.kept {
                    kept.extend(completed);
                }
                Some(output)
            }
        }
    }
}

/// More polls in one step than any right answer needs.
const ENOUGH: usize = 300;

macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            pub(super) server: Server,
            pub(super) client: Option<$($module)::+::Client>,
            pub(super) connection: Task<std::io::Result<()>>,
            pub(super) calls: Vec<Task<Result<world::redis::Value, $($module)::+::Lost>>>,
            seen: Vec<String>,
        }

        impl $name {
            pub(super) fn new() -> $name {
                let server = Server::default();
                let (client, connection) = $($module)::+::client(server.stream());
                $name {
                    server,
                    client: Some(client),
                    connection: Task::new(connection).keeping(),
                    calls: Vec::new(),
                    seen: Vec::new(),
                }
            }

            /// A call that was not polled yet. Returns its number.
            pub(super) fn call(&mut self) -> Option<usize> {
                let (client, number) = (self.client.clone()?, self.calls.len());
                self.calls.push(Task::new(async move {
                    client.call(&["ECHO", &number.to_string()]).await
                }));
                Some(number)
            }

            /// Polls every task that was woken, and returns what was seen.
            pub(super) fn settle(&mut self) -> String {
                for round in 0.. {
                    let mut any = false;
                    for (number, call) in self.calls.iter_mut().enumerate() {
                        let (polled, output) = call.turn();
                        any |= polled;
                        if let Some(output) = output {
                            self.seen.push(match output {
                                Ok(world::redis::Value::Simple(word)) => format!("call {number} gets {word}"),
                                Ok(other) => format!("call {number} gets {other:?}"),
                                Err(_lost) => format!("call {number} gets Lost"),
                            });
                        }
                    }
                    let (polled, output) = self.connection.turn();
                    any |= polled;
                    self.note_end(output);
                    if !any {
                        break;
                    }
                    if round > ENOUGH {
                        self.seen.push("tasks wake each other without end".to_owned());
                        break;
                    }
                }
                let seen = std::mem::take(&mut self.seen);
                if seen.is_empty() { "nothing more".to_owned() } else { seen.join(", ") }
            }

            fn note_end(&mut self, output: Option<std::io::Result<()>>) {
                match output {
                    Some(Ok(())) => self.seen.push("the connection completes with Ok".to_owned()),
                    Some(Err(error)) => {
                        self.seen.push(format!("the connection completes with {:?}", error.kind()));
                    }
                    None => {}
                }
            }

            fn leave(&mut self, oldest: bool) -> Option<()> {
                let mut waiting = self.calls.iter_mut().filter(|call| call.future.is_some());
                let call = if oldest { waiting.next() } else { waiting.next_back() };
                call?.future = None;
                Some(())
            }

            fn step(&mut self, step: Step) -> Option<()> {
                match step {
                    Step::Call => drop(self.call()?),
                    Step::LeaveOldest => self.leave(true)?,
                    Step::LeaveNewest => self.leave(false)?,
                    Step::Answer => self.server.sends(&self.server.answer()?),
                    Step::AnswerTwo if !self.server.can_answer(2) => return None,
                    Step::AnswerTwo => {
                        let answers = [self.server.answer()?, self.server.answer()?];
                        self.server.sends(&answers.concat());
                    }
                    Step::AnswerInPart => self.server.answers_in_part()?,
                    Step::Stall if self.server.is_stalled() => return None,
                    Step::Stall => self.server.stalls(true),
                    Step::TakeAgain if !self.server.is_stalled() => return None,
                    Step::TakeAgain => self.server.stalls(false),
                    Step::DropClient => drop(self.client.take()?),
                    Step::SpuriousPoll => {
                        let output = { self.connection.future.as_ref()?; self.connection.poll() };
                        self.note_end(output);
                    }
                    Step::End => self.server.ends(),
                }
                Some(())
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                self.step(*step)?;
                let outcome = self.settle();
                let received = match self.server.received() {
                    Some(count) => format!("{count} commands"),
                    None => "bytes that are no command".to_owned(),
                };
                let closed = if self.server.is_closed() { "closed" } else { "open" };
                Some(Seen::of(outcome).fact("server got", received).fact("stream", closed))
            }

            fn end(self) -> Seen {
                Seen::of("done")
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, world::redis);
