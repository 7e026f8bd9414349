//! Many callbacks, every short run, and what is left afterwards.

use std::cell::RefCell;
use std::rc::Rc;

use super::super::subject::Callbacks;
use super::machine::{ALPHABET, Reference, Yours};
use super::world::World;
use event_loop::Spawn;
use probe::run;
use probe::runs::Search;
use probe_loop::ManualLoop;

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
