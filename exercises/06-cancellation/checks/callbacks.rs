//! 6.3 callbacks: functions that the loop calls with an outcome.

#[path = "callbacks/machine.rs"]
mod machine;
#[path = "callbacks/world.rs"]
mod world;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::subject::Callbacks;
use event_loop::Spawn;
use machine::{ALPHABET, PROBLEM, Reference, Yours, note, note_problem};
use probe::runs::Search;
use probe::{panics, run, snapshot};
use probe_loop::ManualLoop;
use world::{EXPECTED, Gone, OnDrop, World, mixed_up};

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

#[test]
fn after_the_callbacks_no_clone_of_the_outcome_is_left() {
    let run = run!();
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let callbacks = Callbacks::new(spawn);
    let outcome = Rc::new(7);
    for _ in 0..3 {
        callbacks.add(drop);
        callbacks.add(drop);
        callbacks.call(&outcome);
        event_loop.run();
    }
    let clones = Rc::strong_count(&outcome) - 1;
    run.recorder().says(
        "caller",
        "adds two callbacks and calls them, three times, and the loop runs",
    );
    run.recorder()
        .says("outcome", format!("has {clones} clones    expected: 0"));
    if clones > 0 {
        run.diagnose(
            "value-kept",
            format!(
                "`call` was called three times with an outcome, and all six callbacks were called. {clones} clones of the outcome are still \
                 in memory."
            ),
        );
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
