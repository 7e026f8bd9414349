//! Every short run: the machine that carries out the steps, on the learner's code and on the reference.

use std::cell::RefCell;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use super::moves::{Kind, Move};
use event_loop::Spawn;
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Step};
use probe_futures::runs::Tasks;
use probe_futures::{Gate, Key, gate};
use probe_loop::ManualLoop;

/// The gates of exits that wait, oldest first.
type Keys = Rc<RefCell<Vec<Key<()>>>>;

/// One exit; what it does is written to the log.
async fn exit(
    number: usize,
    kind: Kind,
    gate: Gate<()>,
    log: Rc<RefCell<Vec<String>>>,
    begin: impl FnOnce(),
) -> Result<(), Box<dyn Error>> {
    begin();
    log.borrow_mut().push(format!("{number} begins"));
    if kind == Kind::Waits {
        gate.await;
    }
    log.borrow_mut().push(format!("{number} ends"));
    match kind {
        Kind::Ends | Kind::Waits => Ok(()),
        Kind::Fails => Err(format!("failure {number}").into()),
        Kind::Panics => panic!("panic {number}"),
    }
}

/// An exit with a value that lives until the exit is dropped, and not only until it has finished.
struct Holding<F> {
    exit: Pin<Box<F>>,
    _token: Token,
}

impl<F> Holding<F> {
    fn new(exit: F, token: Token) -> Holding<F> {
        Holding {
            exit: Box::pin(exit),
            _token: token,
        }
    }
}

impl<F: Future> Future for Holding<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.exit.as_mut().poll(context)
    }
}

/// What the reports are about: `failure 2, panic 1`.
fn numbers(reports: &[String]) -> String {
    let about = |report: &String| {
        let of = |kind: &str| {
            let text = report[report.find(kind)? + kind.len()..].trim_start();
            let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
            Some(format!("{kind} {digits}"))
        };
        let about = of("failure").or_else(|| of("panic"));
        about.unwrap_or_else(|| "another text".to_owned())
    };
    let reports: Vec<String> = reports.iter().map(about).collect();
    reports.join(", ")
}

/// What is seen of it: a list of numbers.
pub(super) const AT_BEGINS: &str = "exits that were there when one began";

macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        pub(super) struct $name {
            event_loop: Rc<ManualLoop>,
            stack: Option<$($module)::+::ExitStack>,
            close: Option<Pin<Box<$($module)::+::Close>>>,
            ended: bool,
            tasks: Tasks,
            keys: Keys,
            values: DropCounter,
            log: Rc<RefCell<Vec<String>>>,
            /// How many exits there were when one began: itself, and those that have not finished.
            at_begins: Rc<RefCell<Vec<String>>>,
        }

        impl $name {
            pub(super) fn new() -> $name {
                let event_loop = Rc::new(ManualLoop::default());
                let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
                $name {
                    stack: Some($($module)::+::ExitStack::new(&spawn)),
                    event_loop,
                    close: None,
                    ended: false,
                    tasks: Tasks::new(),
                    keys: Rc::default(),
                    values: DropCounter::new(),
                    log: Rc::default(),
                    at_begins: Rc::default(),
                }
            }

            fn outcome(&mut self, step: Move) -> Option<String> {
                Some(match step {
                    Move::Pushes(kind) => {
                        let (key, gate) = gate();
                        let stack = self.stack.as_mut()?;
                        let (value, log) = (self.values.token(), Rc::clone(&self.log));
                        let number = self.values.made();
                        if kind == Kind::Waits {
                            self.keys.borrow_mut().push(key);
                        }
                        let (values, at_begins) = (self.values.clone(), Rc::clone(&self.at_begins));
                        let begin = move || at_begins.borrow_mut().push(values.alive().to_string());
                        let exit = exit(number, kind, gate, log, begin);
                        stack.push(Holding::new(exit, value));
                        format!("{} exits", stack.len())
                    }
                    Move::Closes => {
                        self.close = Some(Box::pin(self.stack.take()?.close()));
                        "returns".to_owned()
                    }
                    Move::Polls(_) if self.ended => return None,
                    Move::Polls(task) => match self.tasks.poll(task, self.close.as_mut()?.as_mut()) {
                        Poll::Pending => "Pending".to_owned(),
                        Poll::Ready(Ok(())) => {
                            self.ended = true;
                            "Ready(Ok)".to_owned()
                        }
                        Poll::Ready(Err(failures)) => {
                            self.ended = true;
                            let told = failures.iter().map(|failure| match failure {
                                $($module)::+::ExitFailure::Error(error) => error.to_string(),
                                $($module)::+::ExitFailure::Panicked(payload) => {
                                    format!("Panicked({})", event_loop::panic_message(&**payload))
                                }
                            });
                            format!("Ready(Err({:?}))", told.collect::<Vec<_>>())
                        }
                    },
                    Move::Opens => {
                        let mut keys = self.keys.borrow_mut();
                        keys.retain(|key| !key.is_gone());
                        if keys.is_empty() {
                            return None;
                        }
                        // The newest is the one whose turn is next.
                        let key = keys.pop()?;
                        drop(keys);
                        key.open(());
                        "is there".to_owned()
                    }
                    Move::Drops => {
                        let (stack, close) = (self.stack.take(), self.close.take());
                        if stack.is_none() && close.is_none() {
                            return None;
                        }
                        drop((stack, close));
                        self.tasks.stop_waiting();
                        "returns".to_owned()
                    }
                    Move::PopsAll => {
                        let mut old = self.stack.take()?;
                        let new = old.pop_all();
                        drop(old);
                        self.stack = Some(new);
                        "returns".to_owned()
                    }
                    Move::Runs if self.event_loop.is_closed() => return None,
                    Move::Runs => match self.event_loop.run() {
                        true => "returns".to_owned(),
                        false => "polls without end".to_owned(),
                    },
                    Move::ClosesTheLoop if self.event_loop.is_closed() => return None,
                    Move::ClosesTheLoop => {
                        self.event_loop.close();
                        "returns".to_owned()
                    }
                })
            }

            fn facts(&self, step: Step) -> Step {
                // A failure may be reported when it happens, or with the others when the task ends.
                let open = self.event_loop.kept() > 0 || self.event_loop.is_closed();
                let reports = if open { String::new() } else { numbers(&self.event_loop.reports()) };
                let step = step.absence("reports", reports);
                let log = self.log.borrow().join(", ");
                step.fact("exits", log)
                    .absence(AT_BEGINS, self.at_begins.borrow().join(", "))
                    .fact("exits kept", self.values.alive().to_string())
                    .absence("panics of tasks", self.event_loop.take_panics().to_string())
            }
        }

        impl Machine for $name {
            type Operation = Move;

            fn apply(&mut self, operation: &Move) -> Option<Step> {
                let outcome = self.outcome(*operation)?;
                let step = self.facts(Step::of(outcome));
                let tasks = self.event_loop.kept();
                Some(self.tasks.tell(step).absence("tasks", tasks.to_string()))
            }

            fn end(mut self) -> Step {
                drop((self.stack.take(), self.close.take()));
                self.tasks.stop_waiting();
                for _ in 0..8 {
                    self.event_loop.run();
                    let key = self.keys.borrow_mut().pop();
                    if let Some(key) = key {
                        key.open(());
                    }
                }
                self.event_loop.run();
                let step = self.facts(Step::of("everything is dropped, and the loop runs"));
                self.event_loop.close();
                let owners = Rc::strong_count(&self.event_loop) - 1;
                step.absence("owners of the loop's handle", owners.to_string())
                    .absence("wakers", format!("{} kept", self.tasks.wakers_kept()))
            }
        }
    };
}

machine!(Yours, super::super::subject);
machine!(Reference, streams);
