//! 6.5 inline-callbacks: a generator that waits for promises.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::subject::inline_callbacks;
use cancellation::{Failure, Outcome, Promise};
use event_loop::Spawn;
use generators::{Generator, Step};
use probe::detect::{DropCounter, Token};
use probe::{Recorder, Run, panics, run, snapshot};
use probe_loop::SimLoop;

/// More turns than anything here takes.
const TURNS: usize = 20;

struct World {
    run: Run,
    sim: SimLoop,
    spawn: Rc<dyn Spawn>,
    recorder: Recorder,
    reports: Rc<RefCell<Vec<String>>>,
    generators: DropCounter,
}

/// What a generator of the check does when it is resumed.
enum Do {
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
                .departs("The first resume answers nothing, and it came with an outcome."),
            (true, None) => self
                .run
                .departs("It has yielded a promise, and was resumed without an outcome."),
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

fn says(outcome: &Outcome<u32>) -> String {
    match outcome {
        Ok(value) => value.to_string(),
        Err(Failure::Error(error)) => format!("an error, {error}"),
        Err(Failure::Cancelled) => "a cancellation".to_owned(),
    }
}

#[test]
fn nothing_happens_before_it_returns() {
    let world = World::new(run!());
    let before = world.recorder.recording().events.len();
    let promise = world.inline([Do::ReturnThis(Ok(7))]);
    if world.recorder.recording().events.len() > before + 2 {
        world.run.diagnose("eager-start", "The generator was resumed before `inline_callbacks` had returned. It is the loop's business to begin it.");
    }
    world.turns();
    world.expect(&promise, "7");
}

#[test]
fn a_generator_that_completes_at_once_keeps_the_promise_at_once() {
    let world = World::new(run!("at_once"));
    let promise = world.inline([Do::ReturnThis(Ok(7))]);
    world.turns();
    world.expect(&promise, "7");
    snapshot!(world.run);
}

#[test]
fn it_is_resumed_with_the_value_when_the_promise_is_done() {
    let world = World::new(run!("a_value"));
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    world.turns();
    if world.resumes() > 1 {
        world
            .run
            .departs("p is not over, and the generator was resumed.");
    }
    world.ends("p", &p, Ok(7));
    world.turns();
    world.expect(&promise, "7");
    snapshot!(world.run);
}

#[test]
fn an_error_is_sent_in_and_may_be_dealt_with() {
    let world = World::new(run!("an_error"));
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::ReturnThis(Ok(0))]);
    world.turns();
    world.ends("p", &p, Err(Failure::error("out of paper")));
    world.turns();
    if world.resumes() < 2 {
        world.run.diagnose(
            "error-not-sent-in",
            "p ended with an error, and the generator was not told: it waits at its `yield`. It might have tried another printer.",
        );
    }
    world.expect(&promise, "0");
    snapshot!(world.run);
}

#[test]
fn a_cancellation_of_what_it_waits_for_is_sent_in_too() {
    let world = World::new(run!());
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::ReturnThis(Ok(0))]);
    world.turns();
    world.recorder.says("p", "is cancelled");
    p.cancel();
    world.turns();
    if world.resumes() < 2 {
        world.run.diagnose(
            "error-not-sent-in",
            "p was cancelled, and the generator was not told: it waits at its `yield` for something that will never come.",
        );
    }
    world.expect(&promise, "0");
}

#[test]
fn what_it_fails_with_is_how_the_promise_ends() {
    let world = World::new(run!());
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    world.turns();
    world.ends("p", &p, Err(Failure::error("out of paper")));
    world.turns();
    world.expect(&promise, "an error, out of paper");
    let cancelled = world.inline([Do::ReturnThis(Err(Failure::Cancelled))]);
    world.turns();
    world.expect(&cancelled, "a cancellation");
}

#[test]
fn it_waits_for_one_promise_after_the_other() {
    let world = World::new(run!("three"));
    let [p, q, r] = [(); 3].map(|()| world.promise());
    let promise = world.inline([
        Do::Yield("p", p.clone()),
        Do::Yield("q", q.clone()),
        Do::Yield("r", r.clone()),
        Do::Return,
    ]);
    world.turns();
    // q is over before anybody waits for it.
    for (name, one, value) in [("q", &q, 2), ("p", &p, 1), ("r", &r, 3)] {
        world.ends(name, one, Ok(value));
        world.turns();
    }
    world.expect(&promise, "3");
    snapshot!(world.run);
}

#[test]
fn any_number_of_promises_may_be_over_already() {
    let world = World::new(run!());
    // It would be too long to read.
    let quiet = World {
        run: run!(),
        ..World::new(run!())
    };
    let done = quiet.promise();
    done.resolve(7).expect("nobody has");
    let steps = (0..10_000).map(|_| Do::Yield("p", done.clone()));
    let promise = quiet.inline(steps.chain([Do::Return]));
    world.recorder.says(
        "generator",
        "yields ten thousand promises that are over already",
    );
    world.run.risk(
        Some("recursion-for-a-loop"),
        "The generator yielded ten thousand promises, each over already, and the stack was used up: each resume was called from inside the last.",
        || {
            for _ in 0..2_000 {
                quiet.turns();
                if promise.state() != "pending" {
                    break;
                }
            }
        },
    );
    if promise.state() == "pending" {
        world
            .run
            .departs("It was never resumed often enough to complete.");
    }
}

#[test]
fn cancelling_it_closes_the_generator_and_cancels_what_it_waits_for() {
    let world = World::new(run!("cancelled"));
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    world.turns();
    let call = world.recorder.enters("caller", "cancel()");
    promise.cancel();
    call.returns("done");
    world.turns();
    if world.resumes() > 1 {
        world.run.diagnose(
            "resumed-after-cancel",
            "The promise was cancelled, and the generator was resumed: it goes on working for nobody.",
        );
    }
    if world.generators.alive() > 0 {
        world.run.diagnose(
            "generator-kept",
            "The promise was cancelled, and the generator is still there, paused, with all that it holds. Nobody will resume it any more.",
        );
    }
    if p.state() != "cancelled" {
        world.run.diagnose(
            "left-working",
            "The promise was cancelled, and p, for which the generator waited, was not: somebody works on p, and nobody wants it.",
        );
    }
    world.recorder.says("p", "is cancelled");
    world.expect(&promise, "a cancellation");
    snapshot!(world.run);
}

#[test]
fn cancelled_before_it_has_begun_it_never_begins() {
    let world = World::new(run!());
    let promise = world.inline([Do::ReturnThis(Ok(7))]);
    world.recorder.says("caller", "cancels");
    promise.cancel();
    world.turns();
    if world.resumes() > 0 {
        world.run.diagnose(
            "resumed-after-cancel",
            "The promise was cancelled before the generator had begun, and then it was begun.",
        );
    }
    if world.generators.alive() > 0 {
        world.run.diagnose(
            "generator-kept",
            "The promise was cancelled before the generator had begun, and it is still there.",
        );
    }
    world.expect(&promise, "a cancellation");
}

#[test]
fn an_error_that_nobody_asks_for_is_reported_once() {
    let world = World::new(run!());
    let promise = world.inline([Do::ReturnThis(Err(Failure::error("out of paper")))]);
    world.turns();
    world.recorder.says("caller", "leaves, and has not asked");
    drop(promise);
    world.turns();
    match world.reports.borrow().len() {
        0 => world.run.diagnose(
            "asked-by-itself",
            "The generator has failed, nobody has asked, and nothing was reported. Somebody counts as having asked (a callback that was added to the \
             promise counts), or still holds it.",
        ),
        1 => {}
        times => world.run.departs(format!("It was reported {times} times.")),
    }
}

#[test]
fn cancelled_in_the_turn_in_which_the_other_promise_ends_it_is_not_resumed() {
    for cancelled_first in [false, true] {
        let world = World::new(run!());
        let p = world.promise();
        let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
        world.turns();
        let cancel = || {
            world.recorder.says("caller", "cancels");
            promise.cancel();
        };
        if cancelled_first {
            cancel();
        }
        world.ends("p", &p, Ok(7));
        if !cancelled_first {
            cancel();
        }
        world.turns();
        if world.resumes() > 1 {
            world.run.diagnose(
                "resumed-after-cancel",
                "p ended and the promise was cancelled, one right after the other, before the loop had a turn. When it had, the generator was resumed: \
                 the promise was cancelled by then, and nobody wanted to know any more.",
            );
        }
        if world.generators.alive() > 0 {
            world.run.diagnose(
                "generator-kept",
                "The promise was cancelled, and the generator is still there, paused, with all that it holds. Nobody will resume it any more.",
            );
        }
        world.expect(&promise, "a cancellation");
    }
}

#[test]
fn cancelled_by_its_own_generator_in_the_last_resume_it_stays_cancelled() {
    let world = World::new(run!());
    let returned = Rc::new(RefCell::new(None));
    let promise = world.inline([Do::CancelAndReturn(Rc::clone(&returned), 7)]);
    returned.replace(Some(promise.clone()));
    world.turns();
    world.expect(&promise, "a cancellation");
    returned.take();
}

#[test]
fn afterwards_nothing_is_left() {
    let world = World::new(run!());
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    world.turns();
    world.ends("p", &p, Ok(7));
    world.turns();
    world.expect(&promise, "7");
    let tasks = world.sim.event_loop().tasks();
    if tasks > 0 {
        world.run.diagnose(
            "task-left-behind",
            format!("The generator has completed, and the loop still has {tasks} tasks."),
        );
    }
    if world.generators.alive() > 0 {
        world.run.diagnose(
            "generator-kept",
            "The generator has completed, and is still there, with all that it holds.",
        );
    }
}

impl World {
    fn new(run: Run) -> World {
        let quiet = run!();
        let sim = SimLoop::new(&quiet);
        let reports: Rc<RefCell<Vec<String>>> = Rc::default();
        let report = Rc::clone(&reports);
        sim.event_loop()
            .on_unretrieved(move |problem| report.borrow_mut().push(problem.to_string()));
        World {
            spawn: Rc::new(sim.handle()),
            sim,
            recorder: run.recorder().clone(),
            run,
            reports,
            generators: DropCounter::new(),
        }
    }

    fn promise(&self) -> Promise<u32> {
        Promise::new(Rc::clone(&self.spawn))
    }

    #[track_caller]
    fn inline(&self, steps: impl IntoIterator<Item = Do>) -> Promise<u32> {
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
                self.run.departs(format!("It panicked: {}.", panic.message));
            }
        }
    }

    fn ends(&self, name: &str, promise: &Promise<u32>, outcome: Outcome<u32>) {
        self.recorder
            .says(name, format!("ends with {}", says(&outcome)));
        promise.finish(outcome).expect("nobody has ended it before");
    }

    #[track_caller]
    fn turns(&self) {
        for _ in 0..TURNS {
            let _keeps_it_from_waiting = self.sim.handle().call_soon(|| ());
            let turn = panics::expected(|| self.sim.event_loop().run_once());
            if let Err(panic) = turn {
                self.run.departs(format!("It panicked: {}.", panic.message));
            }
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

    fn resumes(&self) -> usize {
        let events = self.recorder.recording().events;
        let resumed = |event: &&probe::Event| matches!(&event.what, probe::What::Enters(call) if call.starts_with("resumed"));
        events.iter().filter(resumed).count()
    }

    #[track_caller]
    fn expect(&self, promise: &Promise<u32>, expected: &str) {
        match promise.outcome() {
            Err(_) => self
                .run
                .departs("The promise that was returned is not over."),
            Ok(outcome) if says(&outcome) == expected => {}
            Ok(outcome) => self.run.departs(format!(
                "The promise that was returned ended with {}; it should be {expected}.",
                says(&outcome)
            )),
        }
    }
}
