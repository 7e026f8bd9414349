//! Callbacks that panic, and callbacks and destructors that add another one.

use std::cell::Cell;
use std::rc::Rc;

use super::super::subject::Callbacks;
use super::machine::{PROBLEM, note, note_problem};
use super::world::{EXPECTED, Gone, World};
use probe::detect::OnDrop;
use probe::{panics, run, snapshot};

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
    let reports = world.sim.reports();
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
        OnDrop::new(move || {
            let back = panics::expected(|| {
                let (recorder, called) = (recorder.clone(), Rc::clone(&called));
                callbacks.add(move |outcome| note(&recorder, &called, "added at the end", outcome));
            });
            if let Err(panic) = back {
                note_problem(panic.message);
            }
        })
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
    let guard = OnDrop::new(move || {
        recorder.says("destructor", "adds another callback");
        match panics::expected(|| inside.add(|_: u32| ())) {
            Ok(_) => adds.set(true),
            Err(panic) => note_problem(panic.message),
        }
    });
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
