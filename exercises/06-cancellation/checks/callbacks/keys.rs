//! The keys of callbacks that were removed, or sent to the loop.

use super::world::{World, mixed_up};
use probe::run;

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
