//! 6.5 inline-callbacks: a generator that waits for promises.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use super::subject::inline_callbacks;
use cancellation::{Failure, Outcome, Promise};
use event_loop::Spawn;
use generators::{Generator, Step};
use probe::detect::{DropCounter, Token};
use probe::runs::{Known, Machine, Operation, Search, Step as Seen};
use probe::{Recorder, Run, panics, run, snapshot};
use probe_loop::{ManualLoop, SimLoop};

/// More iterations than anything here takes.
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

fn says(outcome: &Outcome<u32>) -> String {
    match outcome {
        Ok(value) => value.to_string(),
        Err(Failure::Error(error)) => format!("an error, {error}"),
        Err(Failure::Cancelled) => "a cancellation".to_owned(),
    }
}

#[test]
fn the_generator_is_not_resumed_before_inline_callbacks_returns() {
    let world = World::new(run!());
    let before = world.recorder.recording().events.len();
    let promise = world.inline([Do::ReturnThis(Ok(7))]);
    if world.recorder.recording().events.len() > before + 2 {
        world.run.diagnose("eager-start", "The generator was resumed before `inline_callbacks` had returned. The loop resumes it, in a later iteration.");
    }
    world.turns();
    world.expect(&promise, "7");
}

#[test]
fn a_generator_that_completes_in_its_first_resume_completes_the_promise() {
    let world = World::new(run!("at_once"));
    let promise = world.inline([Do::ReturnThis(Ok(7))]);
    world.turns();
    world.expect(&promise, "7");
    snapshot!(world.run);
}

#[test]
fn the_generator_is_resumed_with_the_value_when_its_promise_is_done() {
    let world = World::new(run!("a_value"));
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    world.turns();
    if world.resumes() > 1 {
        world
            .run
            .departs("p is pending, and the generator was resumed.");
    }
    world.ends("p", &p, Ok(7));
    world.turns();
    world.expect(&promise, "7");
    snapshot!(world.run);
}

#[test]
fn an_error_is_sent_into_the_generator_which_may_handle_it() {
    let world = World::new(run!("an_error"));
    let p = world.promise();
    let promise = world.inline([Do::Yield("p", p.clone()), Do::ReturnThis(Ok(0))]);
    world.turns();
    world.ends("p", &p, Err(Failure::error("out of paper")));
    world.turns();
    if world.resumes() < 2 {
        world.run.diagnose(
            "error-not-sent-in",
            "p was rejected with an error, and the generator was not resumed with it. It might have tried another printer.",
        );
    }
    world.expect(&promise, "0");
    snapshot!(world.run);
}

#[test]
fn the_cancellation_of_a_yielded_promise_is_sent_into_the_generator() {
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
            "p was cancelled, and the generator was not resumed with the cancellation.",
        );
    }
    world.expect(&promise, "0");
}

#[test]
fn the_failure_of_the_generator_is_the_failure_of_the_promise() {
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
fn the_generator_waits_for_one_promise_after_the_other() {
    let world = World::new(run!("three"));
    let [p, q, r] = [(); 3].map(|()| world.promise());
    let promise = world.inline([
        Do::Yield("p", p.clone()),
        Do::Yield("q", q.clone()),
        Do::Yield("r", r.clone()),
        Do::Return,
    ]);
    world.turns();
    // q is done before the generator yields it.
    for (name, one, value) in [("q", &q, 2), ("p", &p, 1), ("r", &r, 3)] {
        world.ends(name, one, Ok(value));
        world.turns();
    }
    world.expect(&promise, "3");
    snapshot!(world.run);
}

#[test]
fn a_generator_may_yield_ten_thousand_promises_that_are_done() {
    let world = World::new(run!());
    // The run would be too long to read.
    let quiet = World {
        run: run!(),
        ..World::new(run!())
    };
    let done = quiet.promise();
    done.resolve(7).expect("it is pending");
    let steps = (0..10_000).map(|_| Do::Yield("p", done.clone()));
    let promise = quiet.inline(steps.chain([Do::Return]));
    world
        .recorder
        .says("generator", "yields ten thousand promises that are done");
    world.run.risk(
        Some("recursion-for-a-loop"),
        "The generator yielded ten thousand promises that were done, and the stack overflowed: each resume was called from inside the one before.",
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
            .departs("The generator was not resumed often enough to complete.");
    }
}

#[test]
fn cancelling_the_promise_closes_the_generator_and_cancels_the_yielded_promise() {
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
            "The returned promise was cancelled, and then the generator was resumed.",
        );
    }
    if world.generators.alive() > 0 {
        world.run.diagnose(
            "generator-kept",
            "The returned promise was cancelled, and the generator was not dropped: it still owns its variables, and will not be resumed.",
        );
    }
    if p.state() != "cancelled" {
        world.run.diagnose(
            "left-working",
            "The returned promise was cancelled, and p, for which the generator waited, was not.",
        );
    }
    world.recorder.says("p", "is cancelled");
    world.expect(&promise, "a cancellation");
    snapshot!(world.run);
}

#[test]
fn a_generator_whose_promise_is_cancelled_first_is_never_resumed() {
    let world = World::new(run!());
    let promise = world.inline([Do::ReturnThis(Ok(7))]);
    world.recorder.says("caller", "cancels");
    promise.cancel();
    world.turns();
    if world.resumes() > 0 {
        world.run.diagnose(
            "resumed-after-cancel",
            "The returned promise was cancelled before the first resume, and then the generator was resumed.",
        );
    }
    if world.generators.alive() > 0 {
        world.run.diagnose(
            "generator-kept",
            "The returned promise was cancelled before the first resume, and the generator was not dropped.",
        );
    }
    world.expect(&promise, "a cancellation");
}

#[test]
fn an_error_that_is_never_retrieved_is_reported_once() {
    let world = World::new(run!());
    let promise = world.inline([Do::ReturnThis(Err(Failure::error("out of paper")))]);
    world.turns();
    world.recorder.says(
        "caller",
        "drops the promise, and has not retrieved the outcome",
    );
    drop(promise);
    world.turns();
    match world.reports.borrow().len() {
        0 => world.run.diagnose(
            "asked-by-itself",
            "The generator failed, the caller dropped the promise without retrieving the error, and nothing was reported. The outcome counts as retrieved (a callback on the promise retrieves it), or a clone of the promise still exists.",
        ),
        1 => {}
        times => world.run.departs(format!("The error was reported {times} times; expected: once.")),
    }
}

#[test]
fn a_generator_is_not_resumed_if_its_promise_is_cancelled_in_the_same_iteration() {
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
                "p completed and the returned promise was cancelled before the loop ran again. Then the generator was resumed although the promise was cancelled.",
            );
        }
        if world.generators.alive() > 0 {
            world.run.diagnose(
                "generator-kept",
                "The returned promise was cancelled, and the generator was not dropped: it still owns its variables, and will not be resumed.",
            );
        }
        world.expect(&promise, "a cancellation");
    }
}

#[test]
fn a_promise_that_its_generator_cancels_in_the_last_resume_stays_cancelled() {
    let world = World::new(run!());
    let returned = Rc::new(RefCell::new(None));
    let promise = world.inline([Do::CancelAndReturn(Rc::clone(&returned), 7)]);
    returned.replace(Some(promise.clone()));
    world.turns();
    world.expect(&promise, "a cancellation");
    returned.take();
}

#[test]
fn after_the_generator_completes_the_loop_keeps_nothing() {
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
            "The generator has completed, and was not dropped.",
        );
    }
}

#[test]
fn two_generators_run_side_by_side() {
    let world = World::new(run!());
    let [p, q] = [(); 2].map(|()| world.promise());
    let first = world.inline([Do::Yield("p", p.clone()), Do::Return]);
    let second = world.inline([Do::Yield("q", q.clone()), Do::Return]);
    world.turns();
    if world.resumes() < 2 {
        world
            .run
            .departs("Two generators were started, and only one of them was resumed.");
    }
    world.ends("q", &q, Ok(2));
    world.turns();
    world.expect(&second, "2");
    world.ends("p", &p, Ok(1));
    world.turns();
    world.expect(&first, "1");
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ALPHABET)
        .up_to(3)
        .and_random(100, 8, 5)
        .naming(&KNOWN)
        .compare(
            &run!(),
            || Driven::new(&subject),
            || Driven::new(&reference),
        );
}

type Inline = dyn Fn(&Rc<dyn Spawn>, Acting) -> Promise<u32>;

fn subject(spawn: &Rc<dyn Spawn>, generator: Acting) -> Promise<u32> {
    inline_callbacks(spawn, generator)
}

/// The driver in its plainest form: it looks at both promises whenever one of them wakes it.
fn reference(spawn: &Rc<dyn Spawn>, mut generator: Acting) -> Promise<u32> {
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

/// What the generator does in its next resume.
#[derive(Clone, Copy, PartialEq)]
enum Act {
    /// Yields a new promise.
    Waits,
    /// Yields one on which a worker has started.
    WaitsForRunning,
    /// Yields one that is done.
    YieldsDone,
    /// Yields one that is cancelled.
    YieldsCancelled,
    Returns,
    Fails,
    /// Cancels the promise that was returned, and yields one that is done.
    CancelsAndYieldsDone,
    CancelsAndWaits,
    CancelsAndReturns,
}

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
enum Move {
    /// The yielded promise, if it is pending, gets a value, and the loop runs.
    Runs(Act),
    /// The loop runs, and no promise gets a value.
    Idles,
    /// The yielded promise gets an error, or is cancelled, or a worker starts on it.
    Rejects,
    CancelsInner,
    /// The promise that was returned is cancelled, or dropped.
    Cancels,
    Drops,
}

const ALPHABET: [Move; 14] = [
    Move::Runs(Act::Waits),
    Move::Runs(Act::Returns),
    Move::Runs(Act::Fails),
    Move::Idles,
    Move::Cancels,
    Move::Drops,
    Move::Rejects,
    Move::CancelsInner,
    Move::Runs(Act::WaitsForRunning),
    Move::Runs(Act::YieldsDone),
    Move::Runs(Act::YieldsCancelled),
    Move::Runs(Act::CancelsAndReturns),
    Move::Runs(Act::CancelsAndWaits),
    Move::Runs(Act::CancelsAndYieldsDone),
];

impl Act {
    fn in_words(self) -> &'static str {
        match self {
            Act::Waits => "yields a pending promise",
            Act::WaitsForRunning => "yields a running promise",
            Act::YieldsDone => "yields a promise that is done",
            Act::YieldsCancelled => "yields a cancelled promise",
            Act::Returns => "completes with a value",
            Act::Fails => "completes with an error",
            Act::CancelsAndYieldsDone => {
                "cancels the returned promise, and yields one that is done"
            }
            Act::CancelsAndWaits => "cancels the returned promise, and yields a pending one",
            Act::CancelsAndReturns => "cancels the returned promise, and completes",
        }
    }

    fn cancels(self) -> bool {
        matches!(
            self,
            Act::CancelsAndYieldsDone | Act::CancelsAndWaits | Act::CancelsAndReturns
        )
    }
}

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(_) | Move::Idles => "loop".into(),
            Move::Rejects | Move::CancelsInner => "yielded promise".into(),
            Move::Cancels | Move::Drops => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(act) => format!("runs; the generator {}", act.in_words()).into(),
            Move::Idles => "runs".into(),
            Move::Rejects => "is rejected".into(),
            Move::CancelsInner => "is cancelled".into(),
            Move::Cancels => "cancels the returned promise".into(),
            Move::Drops => "drops the returned promise".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(act) => format!(
                "the yielded promise, if any, got a value and the loop ran (the generator {})",
                act.in_words()
            )
            .into(),
            Move::Idles => "the loop ran".into(),
            Move::Rejects => "the yielded promise was rejected".into(),
            Move::CancelsInner => "the yielded promise was cancelled".into(),
            Move::Cancels => "the returned promise was cancelled".into(),
            Move::Drops => "the returned promise was dropped".into(),
        }
    }
}

const KNOWN: [Known<Move>; 3] = [
    Known {
        mistake: "resumed-after-cancel",
        sentence: "The returned promise was cancelled, and the generator was resumed after that.",
        shows: |difference| {
            let resumed = |step: &Seen| step.outcome().matches("resumed").count();
            let cancelled = (difference.operations.iter()).any(|step| {
                *step == Move::Cancels || matches!(step, Move::Runs(act) if act.cancels())
            });
            cancelled && resumed(difference.your_step()) > resumed(difference.expected_step())
        },
    },
    Known {
        mistake: "generator-kept",
        sentence: "The returned promise was cancelled, the loop ran, and the generator was not dropped.",
        shows: |difference| {
            difference.your_step().outcome() == difference.expected_step().outcome()
                && difference.your_step().about("generator") == Some("is there")
                && difference.expected_step().about("generator") == Some("is dropped")
        },
    },
    Known {
        mistake: "asked-by-itself",
        sentence: "The generator failed, the returned promise was dropped without a retrieval, and the error was not reported: the \
                   outcome counts as retrieved, or a clone of the promise still exists.",
        shows: |difference| {
            difference.your_step().about("report") == Some("none")
                && difference.expected_step().about("report") == Some("the error")
        },
    },
];

/// What a machine and its generator share.
struct Stage {
    spawn: Rc<dyn Spawn>,
    next: Cell<Act>,
    returned: RefCell<Option<Promise<u32>>>,
    yielded: RefCell<Vec<Promise<u32>>>,
    seen: RefCell<Vec<String>>,
    generators: DropCounter,
}

/// A generator that does what the machine says.
struct Acting {
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
            Act::Fails => return Step::Complete(Err(Failure::error("out of paper"))),
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
struct Driven {
    event_loop: Rc<ManualLoop>,
    stage: Rc<Stage>,
}

impl Driven {
    fn new(inline: &Inline) -> Driven {
        let event_loop = Rc::new(ManualLoop::default());
        let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
        let stage = Rc::new(Stage {
            spawn,
            next: Cell::new(Act::Waits),
            returned: RefCell::default(),
            yielded: RefCell::default(),
            seen: RefCell::default(),
            generators: DropCounter::new(),
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

    fn run(&self) -> Cow<'static, str> {
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

    fn outcome(&self, step: Move) -> Option<Cow<'static, str>> {
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
        step
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
                self.run
                    .departs(format!("`inline_callbacks` panicked: {}.", panic.message));
            }
        }
    }

    fn ends(&self, name: &str, promise: &Promise<u32>, outcome: Outcome<u32>) {
        self.recorder
            .says(name, format!("completes with {}", says(&outcome)));
        promise.finish(outcome).expect("it is not final");
    }

    #[track_caller]
    fn turns(&self) {
        for _ in 0..TURNS {
            let _keeps_it_from_waiting = self.sim.handle().call_soon(|| ());
            let turn = panics::expected(|| self.sim.event_loop().run_once());
            if let Err(panic) = turn {
                self.run.departs(format!(
                    "An iteration of the loop panicked: {}.",
                    panic.message
                ));
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
                .departs("The promise that was returned has no outcome."),
            Ok(outcome) if says(&outcome) == expected => {}
            Ok(outcome) => self.run.departs(format!(
                "The promise that was returned completed with {}; expected: {expected}.",
                says(&outcome)
            )),
        }
    }
}
