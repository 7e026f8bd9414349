//! 6.9 shield: work that goes on when its waiter is cancelled.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::subject::shield;
use cancellation::{Ended, Task};
use event_loop::{Spawn, yield_now};
use probe::detect::{DropCounter, Token};
use probe::runs::{Known, Machine, Operation, Search, Step as Seen};
use probe::{Recorder, Run, panics, run, snapshot};
use probe_loop::{ManualLoop, SimLoop};

const SECOND: Duration = Duration::from_secs(1);

struct World {
    run: Run,
    sim: SimLoop,
    spawn: Rc<dyn Spawn>,
    reports: Rc<RefCell<Vec<String>>>,
    counter: DropCounter,
    /// Whether the shield is being polled.
    polling: Rc<Cell<bool>>,
}

#[test]
fn the_waiter_gets_the_output() {
    let world = World::new(run!("waits"));
    let shielded = shield(&world.spawn, world.work());
    match world.wait_for(shielded) {
        Ok(7) => {}
        Ok(other) => world
            .run
            .departs(format!("The work returned 7, and the waiter got {other}.")),
        Err(ended) => world
            .run
            .departs(format!("The work returned 7, and the waiter got: {ended}.")),
    }
    snapshot!(world.run);
}

#[test]
fn the_work_runs_although_the_shield_is_not_polled() {
    let world = World::new(run!());
    let shielded = shield(&world.spawn, world.work());
    world.seconds(3);
    if !world.said("work", "begins") {
        world.run.diagnose(
            "waits-to-be-polled",
            "The shield was not polled for three seconds, and the work has not begun. It has to be a task of its own, which the loop polls.",
        );
    }
    drop(shielded);
    if !world.said("work", "ends") {
        world.run.diagnose(
            "waits-to-be-polled",
            "The work takes two seconds. It began, and after three seconds it has not finished.",
        );
    }
}

#[test]
fn the_work_goes_on_when_the_waiter_is_cancelled() {
    let world = World::new(run!("cancelled"));
    world.wait_and_cancel();
    world.seconds(3);
    if !world.said("work", "ends") {
        world.run.diagnose(
            "cancelled-with-the-waiter",
            "The waiter was cancelled, and the work was dropped at its suspension point. Dropping a task cancels it.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn the_work_goes_on_when_the_shield_is_dropped_before_its_first_poll() {
    let world = World::new(run!());
    drop(shield(&world.spawn, world.work()));
    world.run.recorder().says("shield", "is dropped at once");
    world.seconds(3);
    if !world.said("work", "ends") {
        world.run.diagnose(
            "cancelled-with-the-waiter",
            "The shield was dropped before its first poll, and the work did not finish.",
        );
    }
}

#[test]
fn the_work_is_done_once() {
    let world = World::new(run!());
    world.wait_and_cancel();
    world.seconds(10);
    let begins = world.count("work", "begins");
    let ends = world.count("work", "ends");
    if begins > 1 {
        world.run.departs(format!("The work began {begins} times."));
    }
    if ends > 1 {
        world.run.departs(format!("The work ended {ends} times."));
    }
}

#[test]
fn after_the_work_the_loop_keeps_nothing() {
    let world = World::new(run!());
    world.wait_and_cancel();
    world.seconds(3);
    let tasks = world.sim.event_loop().tasks();
    if tasks > 0 {
        world.run.departs(format!(
            "The work has finished, the shield is dropped, and the loop still has {tasks} tasks."
        ));
    }
    if world.counter.alive() > 0 {
        world
            .run
            .departs("The work has finished, the shield is dropped, and a variable of the work is still alive.");
    }
}

#[test]
fn a_panic_of_the_work_after_the_shield_is_dropped_is_reported() {
    let world = World::new(run!());
    drop(shield(&world.spawn, async {
        yield_now().await;
        panic!("the work fails")
    }));
    world.seconds(1);
    let reports = world.reports.borrow().clone();
    match &reports[..] {
        [] => world.run.diagnose(
            "panic-swallowed",
            "The work panicked after the shield was dropped, and the panic was not reported. A task that is leaked (by `mem::forget`, or in a cycle) reports nothing; one that is detached does.",
        ),
        [one] if one.contains("the work fails") => {}
        [one] => world.run.departs(format!("The work panicked with “the work fails”, and the report is: {one}.")),
        several => world.run.departs(format!("One panic was reported {} times; expected: once.", several.len())),
    }
}

#[test]
fn the_waiter_receives_the_panic_of_the_work() {
    let world = World::new(run!());
    let recorder = world.run.recorder().clone();
    let shielded = shield(&world.spawn, async move {
        recorder.says("work", "panics");
        panic!("the work fails")
    });
    let ended: Result<(), _> = match world.try_to_drive(shielded) {
        Some(ended) => ended,
        None => world.run.diagnose(
            "panic-swallowed",
            "The work panicked, and the waiter is still pending: no wake will follow. A line behind the panic does not run.",
        ),
    };
    match ended {
        Err(ended) if ended.to_string().contains("the work fails") => {}
        Err(ended) => world
            .run
            .departs(format!("The work panicked, and the waiter got: {ended}.")),
        Ok(()) => world
            .run
            .departs("The work panicked, and the waiter got an output."),
    }
    if !world.reports.borrow().is_empty() {
        world
            .run
            .departs("The waiter received the panic, and it was reported, too.");
    }
}

#[test]
fn the_waiter_is_dropped_before_cancel_returns() {
    let world = World::new(run!());
    world.wait_and_cancel();
    let events = world.events();
    let place = |lane: &str, text: &str| {
        events
            .iter()
            .position(|event| *event == (lane.to_owned(), text.to_owned()))
    };
    let (gone, returned) = (
        place("waiter", "its destructors run"),
        place("caller", "cancel has returned"),
    );
    if gone.is_none() || gone > returned {
        world.run.departs("The waiter was cancelled, and was still there when `cancel` returned. The shield protects the work, not the waiter.");
    }
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ALPHABET)
        .up_to(5)
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Reference::new);
}

/// What the work does in its next poll.
#[derive(Clone, Copy, PartialEq)]
enum Act {
    Waits,
    Finishes,
    Panics,
}

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
enum Move {
    /// The event happens for which the work waits, and the loop runs.
    Runs(Act),
    /// Waiter A or B polls the shield.
    Polls(usize),
    DropsTheShield,
    Close,
}

const ALPHABET: [Move; 7] = [
    Move::Runs(Act::Waits),
    Move::Runs(Act::Finishes),
    Move::Polls(0),
    Move::Polls(1),
    Move::DropsTheShield,
    Move::Runs(Act::Panics),
    Move::Close,
];

impl Operation for Move {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(_) | Move::Close => "loop".into(),
            Move::Polls(0) => "A".into(),
            Move::Polls(_) => "B".into(),
            Move::DropsTheShield => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(Act::Waits) => "runs; the work returns Pending".into(),
            Move::Runs(Act::Finishes) => "runs; the work returns Ready".into(),
            Move::Runs(Act::Panics) => "runs; the work panics".into(),
            Move::Polls(_) => "polls the shield".into(),
            Move::DropsTheShield => "drops the shield".into(),
            Move::Close => "is closed".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Move::Runs(Act::Waits) => "the loop ran, and the work returned `Pending`".into(),
            Move::Runs(Act::Finishes) => "the loop ran, and the work returned `Ready`".into(),
            Move::Runs(Act::Panics) => "the loop ran, and the work panicked".into(),
            Move::Polls(0) => "A polled the shield".into(),
            Move::Polls(_) => "B polled the shield".into(),
            Move::DropsTheShield => "the shield was dropped".into(),
            Move::Close => "the loop was closed".into(),
        }
    }
}

const KNOWN: [Known<Move>; 1] = [Known {
    mistake: "waker-kept",
    sentence: "The shield was dropped, and the waker of its waiter is still stored.",
    shows: |difference| {
        difference.your_step().about("waiters' wakers") == Some("stored")
            && difference.expected_step().about("waiters' wakers") == Some("not stored")
    },
}];

/// The work of a machine.
struct Acting {
    next: Rc<Cell<Act>>,
    waker: Rc<RefCell<Option<Waker>>>,
    _token: Token,
}

impl Future for Acting {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        self.waker.replace(Some(context.waker().clone()));
        match self.next.replace(Act::Waits) {
            Act::Waits => Poll::Pending,
            Act::Finishes => Poll::Ready(7),
            Act::Panics => panic!("the work fails"),
        }
    }
}

/// Counts the wakes of a waiter.
#[derive(Default)]
struct Waiter(AtomicUsize);

impl Wake for Waiter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Carries out the steps on a shield of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        struct $name {
            event_loop: Rc<ManualLoop>,
            shield: Option<Pin<Box<$($module)::+::Shield<u32>>>>,
            next: Rc<Cell<Act>>,
            waker: Rc<RefCell<Option<Waker>>>,
            work: DropCounter,
            waiters: [Arc<Waiter>; 2],
            latest: Option<usize>,
            ended: bool,
        }

        impl $name {
            fn new() -> $name {
                let event_loop = Rc::new(ManualLoop::default());
                let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
                let (next, waker, work) = (Rc::new(Cell::new(Act::Waits)), Rc::default(), DropCounter::new());
                let acting = Acting {
                    next: Rc::clone(&next),
                    waker: Rc::clone(&waker),
                    _token: work.token(),
                };
                let shield = Some(Box::pin($($module)::+::shield(&spawn, acting)));
                let waiters = [Arc::default(), Arc::default()];
                $name { event_loop, shield, next, waker, work, waiters, latest: None, ended: false }
            }

            fn outcome(&mut self, step: Move) -> Option<&'static str> {
                Some(match step {
                    Move::Runs(act) => {
                        let gone = self.work.alive() == 0;
                        if self.event_loop.is_closed() || (gone && act != Act::Waits) {
                            return None;
                        }
                        self.next.set(act);
                        if let Some(waker) = self.waker.take() {
                            waker.wake();
                        }
                        if self.event_loop.run() { "returns" } else { "polls without end" }
                    }
                    // What a poll does after the result, or on a closed loop, is not specified.
                    Move::Polls(_) if self.ended || self.event_loop.is_closed() => return None,
                    Move::Polls(waiter) => {
                        let shield = self.shield.as_mut()?;
                        let waker = Waker::from(Arc::clone(&self.waiters[waiter]));
                        self.waiters[waiter].0.store(0, Ordering::Relaxed);
                        let polled = shield.as_mut().poll(&mut Context::from_waker(&waker));
                        self.latest = polled.is_pending().then_some(waiter);
                        self.ended = polled.is_ready();
                        match polled {
                            Poll::Pending => "Pending",
                            Poll::Ready(Ok(7)) => "Ready(Ok(7))",
                            Poll::Ready(Ok(_)) => "Ready(Ok(another output))",
                            Poll::Ready(Err(Ended::Cancelled)) => "Ready(Err(Cancelled))",
                            Poll::Ready(Err(Ended::Panicked(_))) => "Ready(Err(Panicked))",
                        }
                    }
                    Move::DropsTheShield => {
                        drop(self.shield.take()?);
                        self.latest = None;
                        "returns"
                    }
                    Move::Close if self.event_loop.is_closed() => return None,
                    Move::Close => {
                        self.event_loop.close();
                        "returns"
                    }
                })
            }

            fn facts(&self, step: Seen) -> Seen {
                let alive = self.work.alive() > 0;
                let mut step = step.fact("work", if alive { "is there" } else { "is dropped" });
                if self.shield.is_none() {
                    let stored = self.waiters.iter().any(|waiter| Arc::strong_count(waiter) > 1);
                    step = step.absence("waiters' wakers", if stored { "stored" } else { "not stored" });
                }
                // Only a wake that has to come is compared: the work has finished on an open loop.
                if let (Some(waiter), false, false) = (self.latest, alive, self.event_loop.is_closed()) {
                    let woken = self.waiters[waiter].0.load(Ordering::Relaxed) > 0;
                    step = step.absence(["A", "B"][waiter], if woken { "is woken" } else { "is not woken" });
                }
                step
            }

            fn reported(&self, step: Seen) -> Seen {
                let reports = self.event_loop.reports();
                let named = reports.iter().all(|said| said.contains("the work fails"));
                let said = match (reports.len(), named) {
                    (0, _) => "none".to_owned(),
                    (1, true) => "the panic".to_owned(),
                    (1, false) => "something that does not name the panic".to_owned(),
                    (times, _) => format!("{times} reports"),
                };
                step.absence("report", said)
            }
        }

        impl Machine for $name {
            type Operation = Move;

            fn apply(&mut self, operation: &Move) -> Option<Seen> {
                let outcome = self.outcome(*operation)?;
                let step = self.facts(Seen::of(outcome));
                Some(match operation {
                    Move::Runs(_) => self.reported(step),
                    _ => step,
                })
            }

            fn end(mut self) -> Seen {
                self.shield = None;
                self.latest = None;
                self.event_loop.run();
                let step = self.reported(self.facts(Seen::of("the shield is dropped, and the loop runs")));
                self.event_loop.close();
                let owners = Rc::strong_count(&self.event_loop) - 1;
                step.absence("work after the end of the loop", format!("{} alive", self.work.alive()))
                    .absence("owners of the loop's handle", owners.to_string())
            }
        }
    };
}

machine!(Yours, super::subject);
machine!(Reference, cancellation);

impl World {
    fn new(run: Run) -> World {
        let quiet = run!();
        let sim = SimLoop::new(&quiet);
        let reports: Rc<RefCell<Vec<String>>> = Rc::default();
        let report = Rc::clone(&reports);
        sim.event_loop()
            .on_unretrieved(move |problem| report.borrow_mut().push(problem.to_string()));
        World {
            run,
            spawn: Rc::new(sim.handle()),
            sim,
            reports,
            counter: DropCounter::new(),
            polling: Rc::default(),
        }
    }

    /// Work that takes two seconds, and gives 7.
    fn work(&self) -> impl Future<Output = u32> + use<> {
        let (recorder, handle) = (self.run.recorder().clone(), self.sim.handle());
        let work = Work {
            recorder: recorder.clone(),
            polling: Rc::clone(&self.polling),
            done: Cell::new(false),
            _token: self.counter.token(),
        };
        async move {
            let work = work;
            recorder.says("work", "begins");
            handle.sleep(SECOND).await;
            recorder.says("work", "goes on");
            handle.sleep(SECOND).await;
            recorder.says("work", "ends");
            work.done.set(true);
            7
        }
    }

    /// A task waits for shielded work, and is cancelled after a second and a half.
    fn wait_and_cancel(&self) {
        let shielded = shield(&self.spawn, self.work());
        let recorder = self.run.recorder().clone();
        let waiter = Task::spawn(&self.spawn, async move {
            let _guard = AtTheEnd(recorder.clone());
            recorder.says("waiter", "waits");
            let _ = shielded.await;
            recorder.says("waiter", "goes on");
        });
        self.for_a(SECOND + SECOND / 2);
        self.run.recorder().says("caller", "cancels the waiter");
        self.run.risk(
            Some("waits-in-a-destructor"),
            "The waiter was cancelled, the shield was dropped, and its destructor did not return: it waits for the work. The loop, which would poll the work, called that destructor and is blocked.",
            || waiter.cancel(),
        );
        self.run.recorder().says("caller", "cancel has returned");
    }

    fn seconds(&self, seconds: u32) {
        self.for_a(SECOND * seconds);
    }

    fn for_a(&self, duration: Duration) {
        let handle = self.sim.handle();
        self.drive(async move { handle.sleep(duration).await });
    }

    /// Waits for the shield, and records when it is being polled.
    #[track_caller]
    fn wait_for<F>(&self, shielded: F) -> F::Output
    where
        F: Future<Output = Result<u32, Ended>> + 'static,
    {
        let (mut shielded, polling) = (Box::pin(shielded), Rc::clone(&self.polling));
        let waits = poll_fn(move |context| {
            polling.set(true);
            let polled = Pin::as_mut(&mut shielded).poll(context);
            polling.set(false);
            polled
        });
        if let Some(output) = self.try_to_drive(waits) {
            return output;
        }
        if self.said("work", Work::DROPPED_BY_A_POLL) {
            self.run.departs(
                "The waiter polled the shield, and that poll dropped the work at its suspension point. Dropping a task cancels it.",
            );
        }
        self.run.departs(STUCK)
    }

    #[track_caller]
    fn drive<F: Future + 'static>(&self, future: F) -> F::Output {
        match self.try_to_drive(future) {
            Some(output) => output,
            None => self.run.departs(STUCK),
        }
    }

    /// The output, or nothing if the loop is stuck.
    #[track_caller]
    fn try_to_drive<F: Future + 'static>(&self, future: F) -> Option<F::Output> {
        let handle = self.sim.handle();
        let joined = handle.spawn(future);
        match panics::expected(|| self.sim.drive(joined)) {
            Ok(output) => output.ok(),
            Err(panic) => self
                .run
                .departs(format!("The loop panicked: {}.", panic.message)),
        }
    }

    fn events(&self) -> Vec<(String, String)> {
        let events = self.run.recorder().recording().events;
        let said = |event: probe::Event| match event.what {
            probe::What::Says(text) => Some((event.track, text)),
            _ => None,
        };
        events.into_iter().filter_map(said).collect()
    }

    fn count(&self, lane: &str, text: &str) -> usize {
        let said = |event: &&(String, String)| event.0 == lane && event.1 == text;
        self.events().iter().filter(said).count()
    }

    fn said(&self, lane: &str, text: &str) -> bool {
        self.count(lane, text) > 0
    }
}

const STUCK: &str =
    "The waiter is pending, and the loop is stuck: no task is woken and no timer is set.";

/// A variable of the work. It records that the work was dropped by a poll of the shield.
struct Work {
    recorder: Recorder,
    polling: Rc<Cell<bool>>,
    done: Cell<bool>,
    _token: Token,
}

impl Work {
    const DROPPED_BY_A_POLL: &str = "is dropped, and has not finished";
}

impl Drop for Work {
    fn drop(&mut self) {
        if self.polling.get() && !self.done.get() {
            self.recorder.says("work", Work::DROPPED_BY_A_POLL);
        }
    }
}

struct AtTheEnd(Recorder);

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        self.0.says("waiter", "its destructors run");
    }
}
