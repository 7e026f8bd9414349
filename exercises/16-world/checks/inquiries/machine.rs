//! A database, its connection and its callers on a small loop, once with the learner's code and once with the reference.

use std::borrow::Cow;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::Poll;

use probe::runs::{Known, Machine, Operation, Step as Seen};
use probe_futures::runs::Waiter;

use super::wire::Server;

/// One step of a run. After each, every task that was woken is polled until none is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The next caller asks for its article: a0, a1, …
    Ask,
    DropOldest,
    DropNewest,
    Answer,
    AnswerTwo,
    /// The server takes nothing more.
    Stall,
    /// It takes two bytes more, of lines that have three.
    TakeTwo,
    TakeAll,
    End,
}

pub(super) const STEPS: [Step; 9] = [
    Step::Ask,
    Step::DropOldest,
    Step::DropNewest,
    Step::Answer,
    Step::AnswerTwo,
    Step::Stall,
    Step::TakeTwo,
    Step::TakeAll,
    Step::End,
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Ask | Step::DropOldest | Step::DropNewest => "callers".into(),
            _server => "server".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Ask => "the next one asks",
            Step::DropOldest => "the oldest inquiry is dropped",
            Step::DropNewest => "the newest inquiry is dropped",
            Step::Answer => "answers",
            Step::AnswerTwo => "sends two answers at once",
            Step::Stall => "takes nothing more",
            Step::TakeTwo => "takes two bytes more",
            Step::TakeAll => "takes everything",
            Step::End => "ends the stream",
        }
        .into()
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Ask => "an inquiry was made",
            Step::DropOldest => "the oldest inquiry was dropped",
            Step::DropNewest => "the newest inquiry was dropped",
            Step::Answer => "the server answered",
            Step::AnswerTwo => "the server sent two answers at once",
            Step::Stall => "the server stopped taking bytes",
            Step::TakeTwo => "the server took two bytes more",
            Step::TakeAll => "the server took all bytes",
            Step::End => "the server ended the stream",
        }
        .into()
    }
}

pub(super) const KNOWN: [Known<Step>; 1] = [Known {
    mistake: "answer-to-the-wrong-caller",
    sentence: "A caller got the stock of another article.",
    shows: |difference| {
        difference.your_step().outcome().split(", ").any(|part| {
            let words = part.split_once(" gets stock of ");
            words.is_some_and(|(caller, article)| caller != article)
        })
    },
}];

/// A future, and whether it was woken.
pub(super) struct Task<T> {
    pub(super) future: Option<Pin<Box<dyn Future<Output = T>>>>,
    waiter: Waiter,
}

impl<T> Task<T> {
    fn new(future: impl Future<Output = T> + 'static) -> Task<T> {
        Task {
            future: Some(Box::pin(future)),
            waiter: Waiter::new("task"),
        }
    }

    /// Polls it if it was woken. Returns whether it was, and the output.
    pub(super) fn turn(&mut self) -> (bool, Option<T>) {
        let Some(future) = &mut self.future else {
            return (false, None);
        };
        if !self.waiter.is_due() {
            return (false, None);
        }
        match self.waiter.poll(future.as_mut()) {
            Poll::Pending => (true, None),
            Poll::Ready(output) => {
                self.future = None;
                (true, Some(output))
            }
        }
    }
}

/// More rounds in one step than any right answer needs.
const ENOUGH: usize = 300;

macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            pub(super) server: Server,
            pub(super) database: $($module)::+::Database,
            pub(super) connection: Task<io::Result<()>>,
            pub(super) inquiries: Vec<Task<Result<String, $($module)::+::Lost>>>,
        }

        impl $name {
            pub(super) fn new() -> $name {
                let server = Server::new();
                let (database, connection) = $($module)::+::Database::new(server.stream());
                $name { server, database, connection: Task::new(connection), inquiries: Vec::new() }
            }

            pub(super) fn ask(&mut self) {
                let article = format!("a{}", self.inquiries.len());
                self.inquiries.push(Task::new(self.database.stock(&article)));
            }

            /// Polls every task that was woken, and returns what was seen.
            pub(super) fn settle(&mut self) -> String {
                let mut seen = Vec::new();
                for round in 0.. {
                    let mut any = false;
                    for (number, inquiry) in self.inquiries.iter_mut().enumerate() {
                        let (polled, output) = inquiry.turn();
                        any |= polled;
                        match output {
                            Some(Ok(stock)) => seen.push(format!("a{number} gets {stock}")),
                            Some(Err(_lost)) => seen.push(format!("a{number} gets Lost")),
                            None => {}
                        }
                    }
                    let (polled, output) = self.connection.turn();
                    any |= polled;
                    if let Some(Err(error)) = output {
                        seen.push(format!("the connection completes with {:?}", error.kind()));
                    }
                    if !any {
                        break;
                    }
                    if round > ENOUGH {
                        seen.push("tasks wake each other without end".to_owned());
                        break;
                    }
                }
                if seen.is_empty() { "nothing more".to_owned() } else { seen.join(", ") }
            }

            fn leave(&mut self, oldest: bool) -> Option<()> {
                let mut open = self.inquiries.iter_mut().filter(|inquiry| inquiry.future.is_some());
                let inquiry = if oldest { open.next() } else { open.next_back() };
                inquiry?.future = None;
                Some(())
            }

            fn step(&mut self, step: Step) -> Option<()> {
                match step {
                    Step::Ask => self.ask(),
                    Step::DropOldest => self.leave(true)?,
                    Step::DropNewest => self.leave(false)?,
                    Step::Answer => drop(self.server.answers(1)?),
                    Step::AnswerTwo => drop(self.server.answers(2)?),
                    Step::Stall if self.server.room() == 0 => return None,
                    Step::Stall => self.server.takes(0),
                    Step::TakeTwo => self.server.takes(2),
                    Step::TakeAll if self.server.room() == usize::MAX => return None,
                    Step::TakeAll => self.server.takes(usize::MAX),
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
                let received = format!("{:?}", self.server.received());
                Some(Seen::of(outcome).fact("server has", received))
            }

            fn end(self) -> Seen {
                Seen::of("done")
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, super::reference);
