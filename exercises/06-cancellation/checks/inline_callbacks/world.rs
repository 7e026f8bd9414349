//! The loop, the promises and the scripted generators of the hand-written tests.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::super::subject::inline_callbacks;
use cancellation::{Failure, Outcome, Promise};
use event_loop::Spawn;
use generators::{Generator, Step};
use probe::detect::{DropCounter, Token};
use probe::{Recorder, Run, panics, run};
use probe_loop::SimLoop;

/// More iterations than anything here takes.
const TURNS: usize = 20;

pub(super) struct World {
    pub(super) run: Run,
    pub(super) sim: SimLoop,
    pub(super) spawn: Rc<dyn Spawn>,
    pub(super) recorder: Recorder,
    pub(super) reports: Rc<RefCell<Vec<String>>>,
    pub(super) generators: DropCounter,
}

/// What a generator of the check does when it is resumed.
pub(super) enum Do {
    Yield(&'static str, Promise<u32>),
    /// Completes with what it was sent.
    Return,
    ReturnThis(Outcome<u32>),
    /// Cancels the promise that was returned, and completes with this.
    CancelAndReturn(Rc<RefCell<Option<Promise<u32>>>>, u32),
}

struct Script {
    run: Run,
    steps: VecDeque<Do>,
    began: bool,
    _token: Token,
}

impl Generator<Option<Outcome<u32>>> for Script {
    type Yield = Promise<u32>;
    type Return = Outcome<u32>;

    fn resume(&mut self, sent: Option<Outcome<u32>>) -> Step<Promise<u32>, Outcome<u32>> {
        let said = match &sent {
            None => "resumed with nothing".to_owned(),
            Some(outcome) => format!("resumed with {}", says(outcome)),
        };
        let call = self.run.recorder().enters("generator", said);
        match (self.began, &sent) {
            (false, Some(_)) => self
                .run
                .departs("The first resume came with an outcome; expected: `None`."),
            (true, None) => self
                .run
                .departs("The generator had yielded a promise and was resumed with `None`; expected: the outcome."),
            _ => self.began = true,
        }
        match self.steps.pop_front() {
            Some(Do::Yield(name, promise)) => {
                call.returns(format!("yields {name}"));
                Step::Yielded(promise)
            }
            Some(Do::Return) => {
                let outcome = sent.expect("it was sent one");
                call.returns(format!("completes with {}", says(&outcome)));
                Step::Complete(outcome)
            }
            Some(Do::ReturnThis(outcome)) => {
                call.returns(format!("completes with {}", says(&outcome)));
                Step::Complete(outcome)
            }
            Some(Do::CancelAndReturn(returned, value)) => {
                let cancelled = returned.borrow().as_ref().map(Promise::cancel);
                call.returns(format!(
                    "cancels the promise that was returned ({}), and completes with {value}",
                    cancelled.unwrap_or(false)
                ));
                Step::Complete(Ok(value))
            }
            None => self.run.diagnose(
                "resumed-after-complete",
                "The generator had completed, and was resumed once more.",
            ),
        }
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if !self.steps.is_empty() {
            self.run.recorder().says("generator", "is closed");
        }
    }
}

pub(super) fn says(outcome: &Outcome<u32>) -> String {
    match outcome {
        Ok(value) => value.to_string(),
        Err(Failure::Error(error)) => format!("an error, {error}"),
        Err(Failure::Cancelled) => "a cancellation".to_owned(),
    }
}

impl World {
    pub(super) fn new(run: Run) -> World {
        let quiet = run!();
        let sim = SimLoop::new(&quiet);
        let reports = sim.reports();
        World {
            spawn: Rc::new(sim.handle()),
            sim,
            recorder: run.recorder().clone(),
            run,
            reports,
            generators: DropCounter::new(),
        }
    }

    pub(super) fn promise(&self) -> Promise<u32> {
        Promise::new(Rc::clone(&self.spawn))
    }

    #[track_caller]
    pub(super) fn inline(&self, steps: impl IntoIterator<Item = Do>) -> Promise<u32> {
        let generator = Script {
            run: self.run.clone(),
            steps: steps.into_iter().collect(),
            began: false,
            _token: self.generators.token(),
        };
        let call = self
            .recorder
            .enters("caller", "inline_callbacks(generator)");
        let made = panics::expected(|| inline_callbacks(&self.spawn, generator));
        match made {
            Ok(promise) => {
                call.returns("a promise");
                promise
            }
            Err(panic) => {
                drop(call);
                self.run
                    .departs(format!("`inline_callbacks` panicked: {}.", panic.message));
            }
        }
    }

    pub(super) fn ends(&self, name: &str, promise: &Promise<u32>, outcome: Outcome<u32>) {
        self.recorder
            .says(name, format!("completes with {}", says(&outcome)));
        promise.finish(outcome).expect("it is not final");
    }

    #[track_caller]
    pub(super) fn turns(&self) {
        if let Err(panic) = panics::expected(|| self.sim.iterate(TURNS)) {
            self.run.departs(format!(
                "An iteration of the loop panicked: {}.",
                panic.message
            ));
        }
        if let Some(problem) = self
            .reports
            .borrow()
            .iter()
            .find(|said| said.contains("panicked"))
        {
            self.run.departs(format!("The loop reports: {problem}."));
        }
    }

    pub(super) fn resumes(&self) -> usize {
        let events = self.recorder.recording().events;
        let resumed = |event: &&probe::Event| matches!(&event.what, probe::What::Enters(call) if call.starts_with("resumed"));
        events.iter().filter(resumed).count()
    }

    #[track_caller]
    pub(super) fn expect(&self, promise: &Promise<u32>, expected: &str) {
        match promise.outcome() {
            Err(_) => self
                .run
                .departs("The promise that was returned has no outcome."),
            Ok(outcome) if says(&outcome) == expected => {}
            Ok(outcome) => self.run.departs(format!(
                "The promise that was returned completed with {}; expected: {expected}.",
                says(&outcome)
            )),
        }
    }
}
