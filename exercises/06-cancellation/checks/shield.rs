//! 6.9 shield: work that survives the one who waits for it.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use super::subject::shield;
use cancellation::{Ended, Task};
use event_loop::{Spawn, yield_now};
use probe::detect::{DropCounter, Token};
use probe::{Recorder, Run, panics, run, snapshot};
use probe_loop::SimLoop;

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
fn who_waits_gets_the_output() {
    let world = World::new(run!("waits"));
    let shielded = shield(&world.spawn, world.work());
    match world.wait_for(shielded) {
        Ok(7) => {}
        Ok(other) => world.run.departs(format!(
            "The work is ready with 7, and who waits got {other}."
        )),
        Err(ended) => world.run.departs(format!(
            "The work is ready with 7, and who waits got: {ended}."
        )),
    }
    snapshot!(world.run);
}

#[test]
fn the_work_is_begun_whether_somebody_waits_or_not() {
    let world = World::new(run!());
    let shielded = shield(&world.spawn, world.work());
    world.seconds(3);
    if !world.said("work", "begins") {
        world.run.diagnose(
            "waits-to-be-polled",
            "Nobody has polled the shield for three seconds, and the work has not even begun. It is a task of its own: it needs nobody to poll it \
             but the loop.",
        );
    }
    drop(shielded);
    if !world.said("work", "ends") {
        world.run.diagnose(
            "waits-to-be-polled",
            "The work has begun, and did not go on by itself: in three seconds it would have been done.",
        );
    }
}

#[test]
fn the_work_goes_on_when_the_one_who_waits_is_cancelled() {
    let world = World::new(run!("cancelled"));
    world.wait_and_cancel();
    world.seconds(3);
    if !world.said("work", "ends") {
        world.run.diagnose(
            "cancelled-with-the-waiter",
            "Who waited was cancelled, and the work went with it: it was dropped where it stood. To drop a task is to cancel it.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn the_work_goes_on_when_the_shield_is_dropped_before_its_first_poll() {
    let world = World::new(run!());
    drop(shield(&world.spawn, world.work()));
    world.run.recorder().says("shield", "dropped at once");
    world.seconds(3);
    if !world.said("work", "ends") {
        world.run.diagnose(
            "cancelled-with-the-waiter",
            "The shield was dropped before anybody had polled it, and the work was never done.",
        );
    }
}

#[test]
fn it_is_done_once() {
    let world = World::new(run!());
    world.wait_and_cancel();
    world.seconds(10);
    let begins = world.count("work", "begins");
    let ends = world.count("work", "ends");
    if begins > 1 {
        world
            .run
            .departs(format!("The work was begun {begins} times."));
    }
    if ends > 1 {
        world
            .run
            .departs(format!("The work was done {ends} times."));
    }
}

#[test]
fn nothing_is_left_afterwards() {
    let world = World::new(run!());
    world.wait_and_cancel();
    world.seconds(3);
    let tasks = world.sim.event_loop().tasks();
    if tasks > 0 {
        world.run.departs(format!(
            "Everything is over, and the loop still has {tasks} tasks."
        ));
    }
    if world.counter.alive() > 0 {
        world
            .run
            .departs("Everything is over, and what the work owned was never dropped.");
    }
}

#[test]
fn a_panic_that_nobody_waits_for_any_more_is_reported() {
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
            "The work panicked after who waited for it had left, and nobody has heard of it. What is let go for good (by `mem::forget`, or in a cycle) \
             tells nobody how it ended; a task that is let go in good order does.",
        ),
        [one] if one.contains("the work fails") => {}
        [one] => world.run.departs(format!("The work panicked with “the work fails”, and what was reported is: {one}.")),
        several => world.run.departs(format!("One panic was reported {} times.", several.len())),
    }
}

#[test]
fn a_panic_is_told_to_the_one_who_waits() {
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
            "The work panicked, and who waits for it is not told: they will wait for ever. What panics does not come to the line that would tell \
             them.",
        ),
    };
    match ended {
        Err(ended) if ended.to_string().contains("the work fails") => {}
        Err(ended) => world
            .run
            .departs(format!("The work panicked, and who waits got: {ended}.")),
        Ok(()) => world
            .run
            .departs("The work panicked, and who waits was told that it is done."),
    }
    if !world.reports.borrow().is_empty() {
        world
            .run
            .departs("Who waited has got the panic, and it was reported as well.");
    }
}

#[test]
fn the_one_who_waits_is_gone_at_once() {
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
        world.run.departs("Who waits was cancelled, and was still there when `cancel` had returned. It is the work that is shielded.");
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

    /// Somebody waits for shielded work, and is cancelled after a second and a half.
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
        self.run.recorder().says("caller", "cancels who waits");
        self.run.risk(
            Some("waits-in-a-destructor"),
            "Who waits was cancelled, the shield was dropped, and its destructor never came back: it waits for the work. The loop that would do the \
             work is what called it, and stands still.",
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

    /// Waits for the shield, and notes when it is being polled.
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
                "Somebody waits for the work, and polled the shield. By that poll the work was dropped where it stood, and to drop a task is to \
                 cancel it. Nothing is left that could happen.",
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
            Err(panic) => self.run.departs(format!("It panicked: {}.", panic.message)),
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

const STUCK: &str = "Somebody waits for the work, and nobody will ever wake them: nothing is left that could happen.";

/// What the work owns. It says so if the work is dropped by a poll of the shield.
struct Work {
    recorder: Recorder,
    polling: Rc<Cell<bool>>,
    done: Cell<bool>,
    _token: Token,
}

impl Work {
    const DROPPED_BY_A_POLL: &str = "is dropped, and has not ended";
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
