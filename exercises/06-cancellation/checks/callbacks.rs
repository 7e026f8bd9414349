//! 6.3 callbacks: functions that the loop calls with an outcome.

#[path = "callbacks/machine.rs"]
mod machine;
#[path = "callbacks/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "callbacks/keys.rs"]
mod keys;

#[path = "callbacks/inside.rs"]
mod inside;

#[path = "callbacks/many.rs"]
mod many;

use probe::{run, snapshot};
use world::{World, mixed_up};

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
