//! 6.3 callbacks: functions that the loop calls with an outcome.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use super::subject::Callbacks;
use event_loop::{BoxedTask, Spawn};
use probe::detect::DropCounter;
use probe::runs::{Machine, Operation, Search, Step as Seen};
use probe::{Recorder, Run, panics, run, snapshot};
use probe_loop::{ManualLoop, SimLoop};

/// More iterations than any right answer takes to call a few functions.
const TURNS: usize = 20;

struct World {
    run: Run,
    sim: SimLoop,
    callbacks: Rc<Callbacks<u32>>,
    called: Called,
}

/// Which callbacks were called, in order, and with what.
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
fn no_callback_is_called_before_call() {
    let world = World::new(run!());
    world.add("a");
    world.turns();
    if !world.called().is_empty() {
        world
            .run
            .departs("a was called, and `call` has not been called yet.");
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
            "Callback c was added last and was called first. Callbacks are often steps of one job: the second relies on what the first has done.",
        );
    }
    world.expect(&[("a", 7), ("b", 7), ("c", 7)]);
    snapshot!(world.run);
}

#[test]
fn the_loop_calls_a_callback_and_call_does_not() {
    let world = World::new(run!("by_the_loop"));
    world.add("a");
    world.call(7);
    world.turns();
    world.expect(&[("a", 7)]);
    snapshot!(world.run);
}

#[test]
fn each_callback_is_called_once() {
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
fn a_callback_that_is_added_after_call_waits_for_the_next_call() {
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
            "b was added after `call` had sent a to the loop. The next `call` did not call b: it was removed together with a.",
        );
    }
    world.expect(&[("a", 7), ("b", 8)]);
}

#[test]
fn a_removed_callback_is_not_called() {
    let world = World::new(run!("taken_back"));
    let a = world.add("a");
    world.add("b");
    if !world.remove("a", a) {
        world
            .run
            .departs("a waited, and `remove` returned `false`.");
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
                "`remove(a)` was called twice, and the second call removed b",
            );
        }
        world.run.departs_at(
            second,
            "a had been removed before, and `remove` returned `true`.",
        );
    }
    world.call(7);
    world.turns();
    if world.called().contains(&("a", 7)) {
        world.run.diagnose(
            "called-though-removed",
            "a was removed, and was called. The code that removes a callback may have dropped what the callback works with.",
        );
    }
    world.expect(&[("b", 7)]);
    snapshot!(world.run);
}

#[test]
fn removing_a_callback_leaves_the_keys_of_the_others_valid() {
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
            "c waits, and `remove` found nothing under its key",
        );
    }
    world.call(7);
    world.turns();
    match world.called()[..] {
        [("b", 7), ("d", 7)] => {}
        [("c", 7), _] | [("b", 7), ("c", 7)] => {
            mixed_up(
                &world,
                taken,
                "`remove` with c's key removed another callback",
            );
        }
        _ => world.expect(&[("b", 7), ("d", 7)]),
    }
    if world.remove("d", d) {
        world
            .run
            .departs("d was called before, and `remove` returned `true`.");
    }
}

#[track_caller]
fn mixed_up(world: &World, event: Option<usize>, seen: &str) -> ! {
    world.run.diagnose_at(
        event,
        "position-taken-for-number",
        format!(
            "{seen}. That happens where a key is a position in a list: after a removal the others move up."
        ),
    )
}

#[test]
fn no_callback_gets_the_key_of_an_earlier_one() {
    for gone in ["removed", "called"] {
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
                    "a was {gone}, and then b was added. `remove` with a's key removed b: b got the number that a had had."
                ),
            ),
            (true, _) => world.run.departs_at(
                event,
                format!("a had been {gone} before, and `remove` returned `true`."),
            ),
            (false, _) => world.expect(&[("b", 8)]),
        }
    }
}

#[test]
fn a_callback_that_was_sent_to_the_loop_cannot_be_removed() {
    let world = World::new(run!());
    let a = world.add("a");
    world.call(7);
    if world.remove("a", a) {
        world.turns();
        world.run.departs(if world.called().is_empty() {
            "`call` had sent a to the loop, and `remove` removed it. The contract says that it is too late then."
        } else {
            "`remove` returned `true` for a, and then a was called."
        });
    }
    world.turns();
    world.expect(&[("a", 7)]);
}

#[test]
fn is_empty_says_whether_a_callback_waits() {
    let world = World::new(run!());
    world.expect_empty(true, "No callback was added");
    let key = world.add("a");
    world.expect_empty(false, "a was added, and waits");
    world.callbacks.remove(key);
    world.expect_empty(true, "a was added and removed");
    world.add("b");
    world.call(7);
    world.expect_empty(true, "`call` sent b to the loop");
    world.turns();
    world.expect(&[("b", 7)]);
}

#[test]
fn a_callback_that_panics_does_not_keep_the_others_from_being_called() {
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
            "a panicked, and b was not called. The two are independent: they only waited for the same outcome.",
        );
    }
    world.expect(&[("b", 7)]);
    snapshot!(world.run);
}

#[test]
fn the_panic_of_a_callback_reaches_the_loop() {
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
            "A callback panicked, and the loop reported nothing: the panic was caught before it reached the loop.",
        );
    }
}

const EXPECTED: &str = "this callback fails";

#[test]
fn a_callback_may_add_another_one_and_call_it() {
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
            format!("a added another callback while it ran, and that panicked ({problem}): a borrow was still held."),
        );
    }
    let called = world.called();
    if !called.iter().any(|(name, _)| *name == "added by a") {
        world.run.diagnose(
            "callback-lost",
            "a added another callback while it ran, and sent it to the loop. It was never called.",
        );
    }
    world.expect(&[("a", 7), ("b", 7), ("added by a", 8)]);
}

#[test]
fn the_destructor_of_a_removed_callback_may_add_another_one() {
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
                "A callback was removed, and the destructor of what it owned added another one. That panicked ({problem}): a borrow is held \
                 while the callback is dropped.",
            ),
        );
    }
    world.call(7);
    world.turns();
    world.expect(&[("added at the end", 7)]);
}

#[test]
fn the_destructor_of_a_callback_that_a_closed_loop_drops_may_add_another_one() {
    let world = World::new(run!());
    let callbacks = Rc::new(Callbacks::new(Rc::new(Gone)));
    let inside = Rc::clone(&callbacks);
    let added = Rc::new(Cell::new(false));
    let (adds, recorder) = (Rc::clone(&added), world.run.recorder().clone());
    let guard = OnDrop(Some(move || {
        recorder.says("destructor", "adds another callback");
        match panics::expected(|| inside.add(|_: u32| ())) {
            Ok(_) => adds.set(true),
            Err(panic) => note_problem(panic.message),
        }
    }));
    callbacks.add(move |_| drop(guard));
    let call = world
        .run
        .recorder()
        .enters("caller", "call(7), on a closed loop");
    let panicked = panics::expected(|| callbacks.call(&7)).err();
    call.returns("returns");
    let problem = panicked.map(|panic| panic.message);
    if let Some(problem) = PROBLEM.take().or(problem) {
        world.run.diagnose(
            "borrowed-when-dropped",
            format!(
                "The loop is closed, so it dropped the callback. The destructor of what the callback owned added another one, and that panicked \
                 ({problem}): a borrow is held while `spawn_boxed` is called."
            ),
        );
    }
    if added.get() && callbacks.is_empty() {
        world.run.diagnose(
            "callback-lost",
            "The destructor of a callback added another one while `call` ran, and when `call` had returned, no callback waited.",
        );
    }
}

#[test]
fn the_keys_of_many_callbacks_differ() {
    let world = World::new(run!());
    let first = world.add("a");
    let call =
        (world.run.recorder()).enters("caller", format!("adds and removes {MANY} callbacks"));
    for count in 1..=MANY {
        let key = world.callbacks.add(|_| ());
        if key == first {
            call.returns(format!("callback {count} has a's key"));
            world.run.diagnose(
                "number-given-again",
                format!("a waits, and the {count}th callback after it was given the same key. A key that is handed out twice removes the wrong one."),
            );
        }
        world.callbacks.remove(key);
    }
    call.returns("done");
    world.call(7);
    world.turns();
    world.expect(&[("a", 7)]);
}

/// More than a counter of 16 bits can tell apart.
const MANY: usize = 70_000;

#[test]
fn ten_thousand_callbacks_are_called_in_order() {
    const ALL: usize = 10_000;
    let run = run!();
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let callbacks: Callbacks<u32> = Callbacks::new(spawn);
    let order = Rc::new(RefCell::new(Vec::new()));
    for number in 0..ALL {
        let order = Rc::clone(&order);
        let key = callbacks.add(move |_| order.borrow_mut().push(number));
        if number % 3 == 1 {
            callbacks.remove(key);
        }
    }
    run.recorder().says(
        "caller",
        format!("adds {ALL} callbacks, and removes each third"),
    );
    callbacks.call(&7);
    for _ in 0..ALL {
        if event_loop.run() {
            break;
        }
    }
    let expected = (0..ALL).filter(|number| number % 3 != 1);
    let called = order.borrow();
    run.recorder()
        .says("loop", format!("has called {} of them", called.len()));
    if let Some((place, (came, due))) =
        (called.iter().zip(expected.clone()).enumerate()).find(|(_, (came, due))| **came != *due)
    {
        run.departs(format!(
            "Call {} was that of callback {came}; expected: callback {due}.",
            place + 1
        ));
    }
    let due = expected.count();
    if called.len() != due {
        run.departs(format!(
            "{} callbacks were called; expected: {due}.",
            called.len()
        ));
    }
}

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&ALPHABET)
        .up_to(4)
        .and_random(100, 12, 3)
        .compare(&run!(), Yours::new, Reference::new);
}

/// What the callback does that is added.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Panics,
    /// Adds another one, and calls it.
    AddsAndCalls,
    /// Removes the first callback.
    Removes,
    /// Its destructor adds another one.
    AddsWhenDropped,
}

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Add(Kind),
    /// The callback that was added first, or second.
    Remove(usize),
    Call,
    Runs,
    Close,
}

const ALPHABET: [Step; 10] = [
    Step::Add(Kind::Plain),
    Step::Remove(0),
    Step::Remove(1),
    Step::Call,
    Step::Runs,
    Step::Add(Kind::Panics),
    Step::Add(Kind::AddsAndCalls),
    Step::Add(Kind::Removes),
    Step::Add(Kind::AddsWhenDropped),
    Step::Close,
];

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Runs | Step::Close => "loop".into(),
            _ => "caller".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Add(Kind::Plain) => "add(a callback)".into(),
            Step::Add(Kind::Panics) => "add(one that panics)".into(),
            Step::Add(Kind::AddsAndCalls) => "add(one that adds and calls another)".into(),
            Step::Add(Kind::Removes) => "add(one that removes the first)".into(),
            Step::Add(Kind::AddsWhenDropped) => "add(one whose destructor adds another)".into(),
            Step::Remove(0) => "remove(the first)".into(),
            Step::Remove(_) => "remove(the second)".into(),
            Step::Call => "call(7)".into(),
            Step::Runs => "runs".into(),
            Step::Close => "is closed".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Add(Kind::Plain) => "a callback was added".into(),
            Step::Add(Kind::Panics) => "a callback was added that panics".into(),
            Step::Add(Kind::AddsAndCalls) => {
                "a callback was added that adds another one and calls `call`".into()
            }
            Step::Add(Kind::Removes) => "a callback was added that removes the first".into(),
            Step::Add(Kind::AddsWhenDropped) => {
                "a callback was added whose destructor adds another one".into()
            }
            Step::Remove(0) => "the first callback was removed".into(),
            Step::Remove(_) => "the second callback was removed".into(),
            Step::Call => "`call` was called".into(),
            Step::Runs => "the loop ran".into(),
            Step::Close => "the loop was closed".into(),
        }
    }
}

/// Carries out the steps on a list of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        struct $name {
            event_loop: Rc<ManualLoop>,
            world: Rc<Shared<$($module)::+::Callbacks<u32>, $($module)::+::CallbackKey>>,
            owned: DropCounter,
        }

        impl $name {
            fn new() -> $name {
                let event_loop = Rc::new(ManualLoop::default());
                let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
                $name {
                    world: Rc::new(Shared {
                        callbacks: $($module)::+::Callbacks::new(spawn),
                        keys: RefCell::default(),
                        log: RefCell::default(),
                    }),
                    event_loop,
                    owned: DropCounter::new(),
                }
            }

            fn add(&self, kind: Kind) {
                let name = self.world.keys.borrow().len() + 1;
                let owned = self.owned.token();
                // A callback does not own the list: it would keep itself alive.
                let again = Rc::downgrade(&self.world);
                let guard = OnDrop((kind == Kind::AddsWhenDropped).then_some(move || {
                    let Some(world) = again.upgrade() else { return };
                    let inside = Rc::downgrade(&world);
                    let added = panics::expected(|| {
                        world.callbacks.add(move |outcome| {
                            log(&inside, format!("the late one: {outcome}"));
                        });
                    });
                    if added.is_err() {
                        log(&again, "a destructor panicked".to_owned());
                    }
                }));
                let inside = Rc::downgrade(&self.world);
                let key = self.world.callbacks.add(move |outcome| {
                    log(&inside, format!("{name}: {outcome}"));
                    drop((owned, guard));
                    let Some(world) = inside.upgrade() else { return };
                    match kind {
                        Kind::Plain | Kind::AddsWhenDropped => {}
                        Kind::Panics => panic!("{EXPECTED}"),
                        Kind::AddsAndCalls => {
                            world.callbacks.add(move |outcome| {
                                log(&inside, format!("the inner one: {outcome}"));
                            });
                            world.callbacks.call(&8);
                        }
                        Kind::Removes => {
                            let first = world.keys.borrow()[0];
                            let removed = world.callbacks.remove(first);
                            log(&inside, format!("{name} removes the first: {removed}"));
                        }
                    }
                });
                self.world.keys.borrow_mut().push(key);
            }

            fn outcome(&mut self, step: Step) -> Option<Cow<'static, str>> {
                Some(match step {
                    Step::Add(kind) => {
                        self.add(kind);
                        "a key".into()
                    }
                    Step::Remove(place) => {
                        let key = self.world.keys.borrow().get(place).copied()?;
                        self.world.callbacks.remove(key).to_string().into()
                    }
                    // What becomes of a callback that a closed loop refuses is open, too.
                    Step::Call if self.event_loop.is_closed() => return None,
                    Step::Call => {
                        self.world.callbacks.call(&7);
                        "returns".into()
                    }
                    Step::Runs if self.event_loop.is_closed() => return None,
                    Step::Runs if !self.event_loop.run() => "polls without end".into(),
                    Step::Runs if self.event_loop.take_panics() > 0 => "returns, and a panic reached it".into(),
                    Step::Runs => "returns".into(),
                    // What was sent to the loop, and not called, is an open matter.
                    Step::Close if self.event_loop.is_closed() || self.event_loop.kept() > 0 => return None,
                    Step::Close => {
                        self.event_loop.close();
                        "returns".into()
                    }
                })
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, operation: &Step) -> Option<Seen> {
                let outcome = self.outcome(*operation)?;
                let empty = self.world.callbacks.is_empty();
                let step = Seen::of(outcome).fact("list", if empty { "is empty" } else { "is not empty" });
                let called = self.world.log.take().join(", ");
                Some(step.absence("callbacks", if called.is_empty() { "none was called".to_owned() } else { called }))
            }

            fn end(self) -> Seen {
                self.event_loop.run();
                let tasks = self.event_loop.kept();
                self.event_loop.close();
                drop(self.world);
                Seen::of("everything is dropped")
                    .absence("the loop's list", format!("holds {tasks} tasks"))
                    .absence("callbacks' variables", format!("{} alive", self.owned.alive()))
            }
        }
    };
}

/// What the callbacks of a machine share.
struct Shared<C, K> {
    callbacks: C,
    keys: RefCell<Vec<K>>,
    log: RefCell<Vec<String>>,
}

fn log<C, K>(world: &Weak<Shared<C, K>>, text: String) {
    if let Some(world) = world.upgrade() {
        world.log.borrow_mut().push(text);
    }
}

machine!(Yours, super::subject);
machine!(Reference, cancellation);

/// A closed loop: it drops what is spawned.
struct Gone;

impl Spawn for Gone {
    fn spawn_boxed(&self, future: BoxedTask) {
        drop(future);
    }
}

#[test]
fn after_the_callbacks_the_loop_keeps_no_task() {
    let world = World::new(run!());
    for name in ["a", "b"] {
        world.add(name);
    }
    world.call(7);
    world.turns();
    let left = world.sim.event_loop().tasks();
    if left > 0 {
        world.run.departs(format!(
            "Every callback was called, and the loop still has {left} tasks."
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

/// The loop, as a spawner.
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
        // The run records the callbacks, and not the loop.
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
                    "{name} was called before `call` had returned. The caller of `call` is in the middle of its own work; a callback that runs \
                     now finds that work half done."
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
                format!("{name} had to be called with {outcome}, and was not.")
            }
            None => format!(
                "These were called: {}. Expected: {}.",
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
        return "none".to_owned();
    }
    let names: Vec<&str> = called.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}
