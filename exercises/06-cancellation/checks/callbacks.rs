//! 6.3 callbacks: whom to call when something is over.

use std::cell::RefCell;
use std::rc::Rc;

use super::subject::Callbacks;
use event_loop::{BoxedTask, Spawn};
use probe::{Recorder, Run, panics, run, snapshot};
use probe_loop::SimLoop;

/// More turns than any right answer takes to call a few functions.
const TURNS: usize = 20;

struct World {
    run: Run,
    sim: SimLoop,
    callbacks: Rc<Callbacks<u32>>,
    called: Called,
}

/// Who has been called, in order, and with what.
type Called = Rc<RefCell<Vec<(&'static str, u32)>>>;

#[test]
fn a_callback_is_called_with_the_outcome() {
    let world = World::new(run!("one_callback"));
    world.add("a");
    world.call(7);
    world.turns();
    world.expect(&[("a", 7)]);
    snapshot!(world.run);
}

#[test]
fn nobody_is_called_before_the_outcome_is_there() {
    let world = World::new(run!());
    world.add("a");
    world.turns();
    if !world.called().is_empty() {
        world
            .run
            .departs("a was called, and there is no outcome yet.");
    }
    world.call(7);
    world.turns();
    world.expect(&[("a", 7)]);
}

#[test]
fn callbacks_are_called_in_the_order_in_which_they_were_added() {
    let world = World::new(run!("in_order"));
    for name in ["a", "b", "c"] {
        world.add(name);
    }
    world.call(7);
    world.turns();
    if world.called() == [("c", 7), ("b", 7), ("a", 7)] {
        world.run.diagnose(
            "callbacks-reversed",
            "The one that was added last was called first. Callbacks are often steps of one thing: the second relies on what the first has done.",
        );
    }
    world.expect(&[("a", 7), ("b", 7), ("c", 7)]);
    snapshot!(world.run);
}

#[test]
fn it_is_the_loop_that_calls_them() {
    let world = World::new(run!("by_the_loop"));
    world.add("a");
    world.call(7);
    world.turns();
    world.expect(&[("a", 7)]);
    snapshot!(world.run);
}

#[test]
fn each_is_called_once() {
    let world = World::new(run!());
    world.add("a");
    world.call(7);
    world.call(7);
    world.turns();
    world.call(7);
    world.turns();
    world.expect(&[("a", 7)]);
}

#[test]
fn one_that_is_added_later_waits_for_the_next_call() {
    let world = World::new(run!());
    world.add("a");
    world.call(7);
    world.add("b");
    world.turns();
    world.call(8);
    world.turns();
    if world.called() == [("a", 7)] {
        world.run.diagnose(
            "callback-lost",
            "b was added when a was already on its way, and was thrown away with it. Whoever comes while others are being called waits for the next \
             time.",
        );
    }
    world.expect(&[("a", 7), ("b", 8)]);
}

#[test]
fn one_that_was_taken_back_is_not_called() {
    let world = World::new(run!("taken_back"));
    let a = world.add("a");
    world.add("b");
    if !world.remove("a", a) {
        world
            .run
            .departs("a waits, and it is said that it does not.");
    }
    let again = world.remove("a", a);
    let second = world.run.recorder().last_event();
    if again {
        world.call(7);
        world.turns();
        if world.called().is_empty() {
            mixed_up(
                &world,
                second,
                "a was taken back twice, and the second time it was b that went",
            );
        }
        world.run.departs_at(
            second,
            "a had been taken back before, and `remove` says that it still waited.",
        );
    }
    world.call(7);
    world.turns();
    if world.called().contains(&("a", 7)) {
        world.run.diagnose(
            "called-though-removed",
            "a was taken back, and was called. Whoever takes back a callback may have thrown away what it works with.",
        );
    }
    world.expect(&[("b", 7)]);
    snapshot!(world.run);
}

#[test]
fn when_one_is_taken_back_the_others_keep_their_names() {
    let world = World::new(run!());
    let a = world.add("a");
    world.add("b");
    let c = world.add("c");
    world.remove("a", a);
    let d = world.add("d");
    let found = world.remove("c", c);
    let taken = world.run.recorder().last_event();
    if !found {
        mixed_up(
            &world,
            taken,
            "c waits, and nothing was found under its key",
        );
    }
    world.call(7);
    world.turns();
    match world.called()[..] {
        [("b", 7), ("d", 7)] => {}
        [("c", 7), _] | [("b", 7), ("c", 7)] => {
            mixed_up(&world, taken, "With c's key somebody else was taken back");
        }
        _ => world.expect(&[("b", 7), ("d", 7)]),
    }
    if world.remove("d", d) {
        world
            .run
            .departs("d has been called, and it is said that it still waits.");
    }
}

#[track_caller]
fn mixed_up(world: &World, event: Option<usize>, seen: &str) -> ! {
    world.run.diagnose_at(
        event,
        "position-taken-for-number",
        format!(
            "{seen}. The keys are places in a list, and when one is taken back, the others move up."
        ),
    )
}

#[test]
fn the_key_of_one_that_is_gone_is_never_anothers() {
    for gone in ["taken back", "called"] {
        let world = World::new(run!());
        let a = world.add("a");
        if gone == "called" {
            world.call(7);
            world.turns();
        } else {
            world.remove("a", a);
        }
        world.add("b");
        let found = world.remove("a", a);
        let event = world.run.recorder().last_event();
        let before = world.called().len();
        world.call(8);
        world.turns();
        match (found, &world.called()[before..]) {
            (false, [("b", 8)]) => {}
            (_, []) => world.run.diagnose_at(
                event,
                "number-given-again",
                format!(
                    "a was {gone}, and then b was added. Somebody still had a's key and tried to take a back with it: it was b that went. \
                     The number of one that is gone was given to the next."
                ),
            ),
            (true, _) => world.run.departs_at(
                event,
                format!("a had been {gone} before, and `remove` says that it still waited."),
            ),
            (false, _) => world.expect(&[("b", 8)]),
        }
    }
}

#[test]
fn one_that_is_on_its_way_cannot_be_taken_back() {
    let world = World::new(run!());
    let a = world.add("a");
    world.call(7);
    if world.remove("a", a) {
        world.turns();
        world.run.departs(if world.called().is_empty() {
            "a was on its way to the loop already, and was taken back. It is promised that this is too late."
        } else {
            "It is said that a was taken back, and then it was called."
        });
    }
    world.turns();
    world.expect(&[("a", 7)]);
}

#[test]
fn whether_somebody_waits_is_known() {
    let world = World::new(run!());
    world.expect_empty(true, "Nobody was added");
    let key = world.add("a");
    world.expect_empty(false, "a was added, and waits");
    world.callbacks.remove(key);
    world.expect_empty(true, "a was added, and taken back");
    world.add("b");
    world.call(7);
    world.expect_empty(true, "b was sent to the loop, and does not wait any more");
    world.turns();
    world.expect(&[("b", 7)]);
}

#[test]
fn one_that_panics_does_not_keep_the_others_from_being_called() {
    let world = World::new(run!("one_panics"));
    world.sim.event_loop().on_unretrieved(|_| ());
    let recorder = world.run.recorder().clone();
    world.callbacks.add(move |_| {
        recorder.says("a", "called, and panics");
        panic!("{EXPECTED}");
    });
    world.add("b");
    let escaped = panics::expected(|| {
        world.call(7);
        world.turns();
    });
    let called = world.called();
    if escaped.is_err() || called.is_empty() {
        world.run.diagnose(
            "panic-takes-the-rest",
            "a panicked, and b was not called. They have nothing to do with each other but that both waited for the same thing.",
        );
    }
    world.expect(&[("b", 7)]);
    snapshot!(world.run);
}

#[test]
fn a_panic_is_not_hidden() {
    let world = World::new(run!());
    let reports: Rc<RefCell<Vec<String>>> = Rc::default();
    let report = Rc::clone(&reports);
    (world.sim.event_loop())
        .on_unretrieved(move |problem| report.borrow_mut().push(problem.to_string()));
    world.callbacks.add(|_| panic!("{EXPECTED}"));
    world.call(7);
    let _ = panics::expected(|| world.turns());
    if !reports.borrow().iter().any(|said| said.contains(EXPECTED)) {
        world.run.diagnose(
            "panic-swallowed",
            "A callback panicked, and nobody has heard of it: the loop reports what panics in its tasks, unless somebody has caught it before.",
        );
    }
}

const EXPECTED: &str = "this callback fails";

#[test]
fn a_callback_may_add_another_and_send_it_too() {
    let world = World::new(run!());
    let (callbacks, recorder, called) = world.parts();
    let inside = Rc::clone(&callbacks);
    callbacks.add(move |_| {
        note(&recorder, &called, "a", 7);
        let (recorder, called) = (recorder.clone(), Rc::clone(&called));
        let again = panics::expected(|| {
            inside.add(move |outcome| note(&recorder, &called, "added by a", outcome));
            inside.call(&8);
        });
        if let Err(panic) = again {
            note_problem(panic.message);
        }
    });
    world.add("b");
    world.call(7);
    world.turns();
    if let Some(problem) = PROBLEM.take() {
        world.run.diagnose(
            "borrowed-while-calling",
            format!("a added another callback while it was being called, and that panicked ({problem}): something is still borrowed."),
        );
    }
    let called = world.called();
    if !called.iter().any(|(name, _)| *name == "added by a") {
        world.run.diagnose(
            "callback-lost",
            "a has added another callback while it was being called, and that one was never called.",
        );
    }
    world.expect(&[("a", 7), ("b", 7), ("added by a", 8)]);
}

#[test]
fn a_callback_that_is_thrown_away_may_come_back_in() {
    let world = World::new(run!());
    let (callbacks, recorder, called) = world.parts();
    let guard = {
        let callbacks = Rc::clone(&callbacks);
        OnDrop(Some(move || {
            let back = panics::expected(|| {
                let (recorder, called) = (recorder.clone(), Rc::clone(&called));
                callbacks.add(move |outcome| note(&recorder, &called, "added at the end", outcome));
            });
            if let Err(panic) = back {
                note_problem(panic.message);
            }
        }))
    };
    let key = callbacks.add(move |_| drop(guard));
    world.remove("a", key);
    if let Some(problem) = PROBLEM.take() {
        world.run.diagnose(
            "borrowed-when-dropped",
            format!(
                "A callback was taken back; what it owned was dropped, and its destructor added another. That panicked ({problem}): something is \
                 borrowed while somebody else's destructor runs.",
            ),
        );
    }
    world.call(7);
    world.turns();
    world.expect(&[("added at the end", 7)]);
}

#[test]
fn a_loop_that_is_gone_drops_them_and_they_may_come_back_in() {
    let world = World::new(run!());
    let callbacks = Rc::new(Callbacks::new(Rc::new(Gone)));
    let inside = Rc::clone(&callbacks);
    let guard = OnDrop(Some(move || {
        let back = panics::expected(|| inside.add(|_: u32| ()));
        if let Err(panic) = back {
            note_problem(panic.message);
        }
    }));
    callbacks.add(move |_| drop(guard));
    let call = world
        .run
        .recorder()
        .enters("caller", "call(7), of a loop that is gone");
    let panicked = panics::expected(|| callbacks.call(&7)).err();
    call.returns("returns");
    let problem = panicked.map(|panic| panic.message);
    if let Some(problem) = PROBLEM.take().or(problem) {
        world.run.diagnose(
            "borrowed-when-dropped",
            format!(
                "The loop is gone, so it dropped the callback; the destructor of what that owned added another one. That panicked ({problem}): \
                 something is borrowed while `spawn_boxed` is called."
            ),
        );
    }
}

/// A loop that is gone: whatever is spawned is dropped.
struct Gone;

impl Spawn for Gone {
    fn spawn_boxed(&self, future: BoxedTask) {
        drop(future);
    }
}

#[test]
fn the_first_turn_after_the_outcome_is_soon_enough_and_the_loop_comes_to_rest() {
    let world = World::new(run!());
    for name in ["a", "b"] {
        world.add(name);
    }
    world.call(7);
    world.turns();
    let left = world.sim.event_loop().tasks();
    if left > 0 {
        world.run.departs(format!(
            "Everybody was called, and the loop still has {left} tasks."
        ));
    }
    world.expect(&[("a", 7), ("b", 7)]);
}

thread_local! {
    static PROBLEM: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn note_problem(problem: String) {
    PROBLEM.set(Some(problem));
}

fn note(recorder: &Recorder, called: &Called, name: &'static str, outcome: u32) {
    recorder.says(name, format!("called with {outcome}"));
    called.borrow_mut().push((name, outcome));
}

struct OnDrop<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        if let Some(call) = self.0.take() {
            call();
        }
    }
}

/// The loop, as whatever can spawn.
struct Tasks(event_loop::Handle);

impl Spawn for Tasks {
    fn spawn_boxed(&self, future: BoxedTask) {
        self.0.spawn_boxed(future);
    }

    fn report(&self, problem: &str) {
        self.0.report(problem);
    }
}

impl World {
    fn new(run: Run) -> World {
        // A loop of which only the callbacks are recorded.
        let quiet = run!();
        let sim = SimLoop::new(&quiet);
        let callbacks = Rc::new(Callbacks::new(Rc::new(Tasks(sim.handle()))));
        World {
            run,
            sim,
            callbacks,
            called: Called::default(),
        }
    }

    fn add(&self, name: &'static str) -> super::subject::CallbackKey {
        self.run.recorder().says("caller", format!("add({name})"));
        let (callbacks, recorder, called) = self.parts();
        callbacks.add(move |outcome| note(&recorder, &called, name, outcome))
    }

    fn remove(&self, name: &str, key: super::subject::CallbackKey) -> bool {
        let call = self
            .run
            .recorder()
            .enters("caller", format!("remove({name})"));
        let removed = self.callbacks.remove(key);
        call.returns(removed.to_string());
        removed
    }

    #[track_caller]
    fn call(&self, outcome: u32) {
        let call = self
            .run
            .recorder()
            .enters("caller", format!("call({outcome})"));
        let before = self.called().len();
        self.callbacks.call(&outcome);
        call.returns("returns");
        if let Some((name, _)) = self.called().get(before) {
            self.run.diagnose(
                "called-in-place",
                format!(
                    "{name} was called before `call` had returned. Whoever brings an outcome is in the middle of something, and so the callback \
                     runs in the middle of that: it may come back in, and find things half done."
                ),
            );
        }
    }

    fn turns(&self) {
        self.run.recorder().says("loop", "runs");
        for _ in 0..TURNS {
            let _keeps_it_from_waiting = self.sim.handle().call_soon(|| ());
            (self.sim.event_loop().run_once()).expect("a simulated driver with something to do");
        }
    }

    fn parts(&self) -> (Rc<Callbacks<u32>>, Recorder, Called) {
        (
            Rc::clone(&self.callbacks),
            self.run.recorder().clone(),
            Rc::clone(&self.called),
        )
    }

    fn called(&self) -> Vec<(&'static str, u32)> {
        self.called.borrow().clone()
    }

    #[track_caller]
    fn expect(&self, expected: &[(&str, u32)]) {
        let called = self.called();
        if called == expected {
            return;
        }
        let missing = expected.iter().find(|one| !called.contains(one));
        let sentence = match missing {
            Some((name, outcome)) => {
                format!("{name} was to be called with {outcome}, and was not.")
            }
            None => format!(
                "These were called: {}. It should have been: {}.",
                names(&called),
                names(expected)
            ),
        };
        self.run.departs(sentence);
    }

    #[track_caller]
    fn expect_empty(&self, empty: bool, seen: &str) {
        if self.callbacks.is_empty() != empty {
            self.run
                .departs(format!("{seen}, and `is_empty` is {}.", !empty));
        }
    }
}

fn names(called: &[(&str, u32)]) -> String {
    if called.is_empty() {
        return "nobody".to_owned();
    }
    let names: Vec<&str> = called.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}
