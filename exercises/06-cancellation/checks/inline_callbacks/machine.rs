//! The machine that carries the moves out, on the learner's code and on the reference.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::inline_callbacks;
use super::moves::{Act, Move};
use super::world::says;
use cancellation::{Failure, Outcome, Promise};
use event_loop::Spawn;
use generators::{Generator, Step};
use probe::detect::{DropCounter, Token};
use probe::runs::{Machine, Step as Seen};
use probe_loop::ManualLoop;

pub(super) type Inline = dyn Fn(&Rc<dyn Spawn>, Acting) -> Promise<u32>;

pub(super) fn subject(spawn: &Rc<dyn Spawn>, generator: Acting) -> Promise<u32> {
    inline_callbacks(spawn, generator)
}

/// The driver in its plainest form: it looks at both promises whenever one of them wakes it.
pub(super) fn reference(spawn: &Rc<dyn Spawn>, mut generator: Acting) -> Promise<u32> {
    let promise = Promise::new(Rc::clone(spawn));
    let returned = promise.clone();
    spawn.spawn_boxed(Box::pin(async move {
        let mut sent = None;
        while returned.state() == "pending" {
            let inner = match generator.resume(sent) {
                Step::Yielded(inner) => inner,
                Step::Complete(outcome) => {
                    let _ = returned.finish(outcome); // Refused if it was cancelled in this resume.
                    return;
                }
            };
            let (mut cancelled, mut done) = (returned.wait(), inner.wait());
            sent = poll_fn(|context| {
                if Pin::new(&mut cancelled).poll(context).is_ready() {
                    return Poll::Ready(None);
                }
                Pin::new(&mut done).poll(context).map(Some)
            })
            .await;
            if sent.is_none() {
                inner.cancel();
                return;
            }
        }
    }));
    promise
}

/// What a machine and its generator share.
pub(super) struct Stage {
    pub(super) spawn: Rc<dyn Spawn>,
    next: Cell<Act>,
    returned: RefCell<Option<Promise<u32>>>,
    yielded: RefCell<Vec<Promise<u32>>>,
    seen: RefCell<Vec<String>>,
    pub(super) generators: DropCounter,
    errors: DropCounter,
}

/// The error of a generator that fails.
#[derive(Debug)]
struct OutOfPaper(#[expect(dead_code, reason = "it is there to be dropped")] Token);

impl fmt::Display for OutOfPaper {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("out of paper")
    }
}

impl Error for OutOfPaper {}

/// A generator that does what the machine says.
pub(super) struct Acting {
    stage: Rc<Stage>,
    _token: Token,
}

impl Generator<Option<Outcome<u32>>> for Acting {
    type Yield = Promise<u32>;
    type Return = Outcome<u32>;

    fn resume(&mut self, sent: Option<Outcome<u32>>) -> Step<Promise<u32>, Outcome<u32>> {
        let stage = &self.stage;
        let act = stage.next.replace(Act::Waits);
        let sent = sent.as_ref().map_or("nothing".to_owned(), says);
        stage.seen.borrow_mut().push(format!("resumed with {sent}"));
        if act.cancels()
            && let Some(returned) = &*stage.returned.borrow()
        {
            returned.cancel();
        }
        let promise = Promise::new(Rc::clone(&stage.spawn));
        let prepared = match act {
            Act::Returns | Act::CancelsAndReturns => return Step::Complete(Ok(1)),
            Act::Fails => {
                return Step::Complete(Err(Failure::error(OutOfPaper(stage.errors.token()))));
            }
            Act::Waits | Act::CancelsAndWaits => true,
            Act::WaitsForRunning => promise.start().is_ok(),
            Act::YieldsDone | Act::CancelsAndYieldsDone => promise.resolve(7).is_ok(),
            Act::YieldsCancelled => promise.cancel(),
        };
        assert!(prepared, "the promise is new");
        stage.yielded.borrow_mut().push(promise.clone());
        Step::Yielded(promise)
    }
}

/// Carries out the steps on one generator.
pub(super) struct Driven {
    pub(super) event_loop: Rc<ManualLoop>,
    stage: Rc<Stage>,
}

impl Driven {
    pub(super) fn new(inline: &Inline) -> Driven {
        let event_loop = Rc::new(ManualLoop::default());
        let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
        let stage = Rc::new(Stage {
            spawn,
            next: Cell::new(Act::Waits),
            returned: RefCell::default(),
            yielded: RefCell::default(),
            seen: RefCell::default(),
            generators: DropCounter::new(),
            errors: DropCounter::new(),
        });
        let generator = Acting {
            stage: Rc::clone(&stage),
            _token: stage.generators.token(),
        };
        let returned = inline(&stage.spawn, generator);
        stage.returned.replace(Some(returned));
        Driven { event_loop, stage }
    }

    /// The promise for which the generator waits.
    fn inner(&self) -> Option<Promise<u32>> {
        let inner = self.stage.yielded.borrow().last().cloned()?;
        matches!(inner.state(), "pending" | "running").then_some(inner)
    }

    pub(super) fn run(&self) -> Cow<'static, str> {
        let quiet = self.event_loop.run();
        let mut seen = self.stage.seen.take();
        if self.event_loop.take_panics() > 0 {
            seen.push("a panic reaches the loop".to_owned());
        }
        match (quiet, &seen[..]) {
            (false, _) => "polls without end".into(),
            (true, []) => "the generator is not resumed".into(),
            (true, seen) => seen.join(", ").into(),
        }
    }

    pub(super) fn outcome(&self, step: Move) -> Option<Cow<'static, str>> {
        Some(match step {
            Move::Runs(act) => {
                let gone = self.stage.generators.alive() == 0;
                if act != Act::Waits
                    && (gone || (act.cancels() && self.stage.returned.borrow().is_none()))
                {
                    return None;
                }
                if let Some(inner) = self.inner() {
                    inner.resolve(5).ok()?;
                }
                self.stage.next.set(act);
                self.run()
            }
            Move::Idles => self.run(),
            Move::Rejects => {
                self.inner()?.reject("out of ink").ok()?;
                "done".into()
            }
            Move::CancelsInner => self.inner()?.cancel().to_string().into(),
            Move::Cancels => self
                .stage
                .returned
                .borrow()
                .as_ref()?
                .cancel()
                .to_string()
                .into(),
            Move::Drops => {
                drop(self.stage.returned.take()?);
                "dropped".into()
            }
        })
    }

    /// What is so after the loop has run.
    fn after_a_run(&self, step: Seen) -> Seen {
        let alive = self.stage.generators.alive() > 0;
        let states: Vec<&str> = self
            .stage
            .yielded
            .borrow()
            .iter()
            .map(Promise::state)
            .collect();
        let reports = self.event_loop.reports();
        let reported = reports
            .iter()
            .filter(|said| said.contains("out of paper"))
            .count();
        step.fact("generator", if alive { "is there" } else { "is dropped" })
            .absence("yielded promises", states.join(", "))
            .absence(
                "the loop's list",
                format!("{} tasks", self.event_loop.kept()),
            )
            .absence(
                "report",
                match reported {
                    0 => "none".to_owned(),
                    1 => "the error".to_owned(),
                    times => format!("the error, {times} times"),
                },
            )
    }
}

impl Machine for Driven {
    type Operation = Move;

    fn apply(&mut self, operation: &Move) -> Option<Seen> {
        let outcome = self.outcome(*operation)?;
        let mut step = Seen::of(outcome);
        if let Some(returned) = &*self.stage.returned.borrow() {
            step = step.absence("returned promise", returned.state());
        }
        Some(match operation {
            Move::Runs(_) | Move::Idles => self.after_a_run(step),
            _ => step,
        })
    }

    fn end(self) -> Seen {
        self.event_loop.run();
        let returned = self.stage.returned.take();
        drop(returned);
        self.event_loop.run();
        let step = self.after_a_run(Seen::of("the returned promise is dropped"));
        self.event_loop.close();
        self.stage.yielded.take();
        let alive = self.stage.errors.alive();
        step.absence("errors", format!("{alive} are alive"))
    }
}
