//! Calls that end late, that are never polled, or that make another call; and every short run.

use std::future::pending;
use std::rc::Rc;

use super::super::subject::BreakerState;
use super::extremes;
use super::machine;
use super::world::{COOL_DOWN, INSIDE, SECOND, Seen, World, poll_with};
use probe::{panics, run, snapshot};

#[test]
fn a_call_that_ends_after_a_change_of_state_changes_nothing() {
    for well in [true, false] {
        let world = World::new(if well { run!("late") } else { run!() }, 1);
        let (mut slow, _) = world.begins("slow");
        world.call("call", false);
        world.passes(4 * SECOND);
        world.ends(&mut slow, well);
        if !world.is(BreakerState::Open) {
            world.run.diagnose(
                "late-call-counts",
                "A call began before the breaker opened and succeeded after it. The breaker is not open any more: an old success says nothing \
                 about now.",
            );
        }
        world.passes(6 * SECOND);
        if world.call("probe", true) == Seen::Refused {
            world.run.diagnose(
                "late-call-counts",
                "The breaker opened at 5 s. A call that had begun before failed at 9 s, and the call at 15 s was refused: the old failure has \
                 begun the cool-down anew.",
            );
        }
        if well {
            snapshot!(world.run);
        }
    }
}

#[test]
fn a_call_that_ends_in_a_later_closed_state_changes_nothing() {
    let world = World::new(run!("much_later"), 1);
    let (mut slow, _) = world.begins("slow");
    world.call("call", false);
    world.passes(COOL_DOWN);
    world.call("probe", true);
    world.ends(&mut slow, false);
    if !world.is(BreakerState::Closed) {
        world.run.diagnose(
            "late-call-counts",
            "A call began, the breaker opened and was closed again, and then the call failed. It has opened the breaker: an old failure says \
             nothing about now.",
        );
    }
    snapshot!(world.run);
    extremes::late_after_many_changes(&run!());
}

#[test]
fn a_call_that_is_not_polled_changes_nothing() {
    let world = World::new(run!(), 1);
    world.call("call", false);
    world.passes(COOL_DOWN);
    let unpolled = world.breaker.call(pending::<Result<(), ()>>);
    let seen = world.call("probe", true);
    if seen == Seen::Refused {
        world.run.diagnose(
            "decided-before-the-first-poll",
            "The cool-down had passed. A future of `call` was made and never polled, and the call after it was refused: the first was taken for \
             the probe.",
        );
    }
    world.expect(
        seen,
        Seen::Ok,
        "Another call was made before, and never polled",
    );
    drop(unpolled);
    if !world.is(BreakerState::Closed) {
        world
            .run
            .departs("A call that was never polled was dropped, and the breaker is not closed.");
    }
}

#[test]
fn an_operation_may_use_the_breaker() {
    let world = World::new(run!(), 2);
    INSIDE.set(Some(Rc::clone(&world.breaker)));
    let polled = panics::expected(|| {
        poll_with(&world.breaker, || {
            let inside = INSIDE.take().expect("it is set");
            let _failed = poll_with(&inside, || std::future::ready(Err(())));
            let _state = inside.state();
            std::future::ready(Err(()))
        })
    });
    if let Err(panic) = polled {
        world.run.diagnose(
            "borrowed-across-the-call",
            format!(
                "An operation made another call through the same breaker, and that panicked: {}.",
                panic.message
            ),
        );
    }
    if !world.is(BreakerState::Open) {
        world
            .run
            .departs("Both calls have failed, the threshold is 2, and the breaker is not open.");
    }
}

#[test]
fn every_threshold_and_every_cool_down_is_possible() {
    extremes::judge(&run!());
}

#[test]
fn every_short_run_is_as_expected() {
    machine::compare(&run!());
}
