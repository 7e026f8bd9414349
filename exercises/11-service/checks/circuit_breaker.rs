//! 11.9 circuit_breaker: calls to a service that is down.

use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use super::subject::BreakerState;
use probe::{panics, run, snapshot};

#[path = "circuit_breaker/extremes.rs"]
mod extremes;
#[path = "circuit_breaker/machine.rs"]
mod machine;
#[path = "circuit_breaker/world.rs"]
mod world;

use world::{COOL_DOWN, INSIDE, SECOND, Seen, World, poll_with};

const NANO: Duration = Duration::from_nanos(1);

#[test]
fn failures_in_a_row_open_it_and_calls_are_not_made() {
    let world = World::new(run!("opens"), 3);
    for _ in 0..3 {
        let seen = world.call("call", false);
        world.expect(seen, Seen::Failed, "It is closed");
    }
    if !world.is(BreakerState::Open) {
        world.run.diagnose(
            "never-opens",
            "The threshold is 3, three calls in a row have failed, and the breaker is not open.",
        );
    }
    let seen = world.call("call", true);
    if world.made.get() > 3 {
        world.run.diagnose(
            "called-while-open",
            "The breaker is open, and a fourth call was made: its operation was called.",
        );
    }
    world.expect(seen, Seen::Refused, "It is open");
    snapshot!(world.run);
}

#[test]
fn a_success_sets_the_count_to_zero() {
    let world = World::new(run!("in_a_row"), 3);
    for well in [false, false, true, false, false] {
        world.call("call", well);
    }
    if world.is(BreakerState::Open) {
        world.run.diagnose(
            "failures-not-in-a-row",
            "The threshold is 3. Two calls failed, one succeeded, two failed: two in a row at most, and the breaker is open.",
        );
    }
    world.call("call", false);
    if !world.is(BreakerState::Open) {
        world
            .run
            .departs("The third failure in a row has not opened it.");
    }
    snapshot!(world.run);
}

#[test]
fn the_first_call_after_the_cool_down_is_made() {
    let world = World::new(run!("probe"), 1);
    world.call("call", false);
    world.passes(COOL_DOWN - NANO);
    let seen = world.call("early", true);
    world.expect(seen, Seen::Refused, "A nanosecond is left");
    world.passes(NANO);
    if !world.is(BreakerState::Open) {
        world.run.diagnose(
            "state-changes-by-itself",
            "The cool-down has passed, no call has come, and the state is not `Open`. The state changes with calls only.",
        );
    }
    let (mut probe, seen) = world.begins("probe");
    if seen == Seen::Refused {
        world.run.diagnose(
            "never-half-open",
            "It opened at 5 s, the cool-down is 10 s, and a call at 15 s was refused.",
        );
    }
    if !world.is(BreakerState::HalfOpen) {
        world
            .run
            .departs("The probe is under way, and the state is not `HalfOpen`.");
    }
    let seen = world.ends(&mut probe, true);
    world.expect(seen, Seen::Ok, "The probe has succeeded");
    if !world.is(BreakerState::Closed) {
        world
            .run
            .departs("The probe has succeeded, and the breaker is not closed.");
    }
    snapshot!(world.run);
}

#[test]
fn while_the_probe_is_under_way_no_other_call_is_made() {
    let world = World::new(run!("one_probe"), 1);
    world.call("call", false);
    world.passes(COOL_DOWN);
    let (mut probe, _) = world.begins("probe");
    world.passes(2 * COOL_DOWN);
    let seen = world.call("second", true);
    if seen != Seen::Refused || world.made.get() > 2 {
        world.run.diagnose(
            "half-open-lets-all",
            "The probe is under way, and a second call was made. A server that has just come back gets one call.",
        );
    }
    world.ends(&mut probe, true);
    let seen = world.call("after", true);
    world.expect(seen, Seen::Ok, "It is closed again");
    snapshot!(world.run);
}

#[test]
fn a_probe_that_fails_begins_the_cool_down_anew() {
    let world = World::new(run!("fails_again"), 1);
    world.call("call", false);
    world.passes(2 * COOL_DOWN);
    let (mut probe, _) = world.begins("probe");
    world.passes(3 * SECOND);
    world.ends(&mut probe, false);
    if !world.is(BreakerState::Open) {
        world
            .run
            .departs("The probe has failed, and the breaker is not open.");
    }
    world.passes(COOL_DOWN - NANO);
    if world.call("early", true) != Seen::Refused {
        world.run.diagnose(
            "cool-down-not-renewed",
            "The probe failed at 28 s. A call before 38 s was made: the cool-down of 10 s counts from the failure of the probe.",
        );
    }
    world.passes(NANO);
    let seen = world.call("next", true);
    world.expect(seen, Seen::Ok, "The cool-down has passed again");
    snapshot!(world.run);
}

#[test]
fn a_probe_that_fails_opens_it_whatever_the_threshold() {
    let world = World::new(run!("one_is_enough"), 3);
    for _ in 0..3 {
        world.call("call", false);
    }
    world.passes(COOL_DOWN);
    world.call("probe", false);
    if !world.is(BreakerState::Open) {
        world.run.diagnose(
            "probe-counted-as-one",
            "The probe has failed, and the breaker is not open: the threshold is for calls while it is closed.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn it_closes_with_a_count_of_zero() {
    let world = World::new(run!("from_zero"), 2);
    world.call("call", false);
    world.call("call", false);
    world.passes(COOL_DOWN);
    world.call("probe", true);
    world.call("call", false);
    if world.is(BreakerState::Open) {
        world.run.diagnose(
            "count-kept",
            "The threshold is 2. The probe has succeeded, one call has failed since, and the breaker is open.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn a_probe_that_is_dropped_makes_way_for_the_next_call() {
    let world = World::new(run!("dropped"), 1);
    world.call("call", false);
    world.passes(COOL_DOWN);
    let (probe, _) = world.begins("probe");
    world.drops(probe);
    if world.is(BreakerState::Closed) {
        world.run.diagnose(
            "dropped-probe-closes",
            "The probe was dropped before it had ended, and the breaker is closed. Nothing is known of the server: the next call has to be the \
             probe, alone.",
        );
    }
    if world.call("next", true) == Seen::Refused {
        let refused = world.run.recorder().last_event();
        world.passes(100 * COOL_DOWN);
        if world.call("later", true) == Seen::Refused {
            world.run.diagnose(
                "probe-lost",
                "The probe was dropped before it had ended. The breaker still waits for it, and refuses all calls.",
            );
        }
        world.run.diagnose_at(
            refused,
            "dropped-probe-cools-down",
            "The probe was dropped, so nothing is known. The next call has to be the probe, and was refused: a cool-down has begun, as after a \
             failure.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn a_probe_that_panics_makes_way_for_the_next_call() {
    let world = World::new(run!(), 1);
    world.call("call", false);
    world.passes(COOL_DOWN);
    for inside in [true, false] {
        world.panics(inside);
        if world.is(BreakerState::Closed) {
            world.run.diagnose(
                "dropped-probe-closes",
                "The probe panicked, and the breaker is closed. Nothing is known of the server: the next call has to be the probe, alone.",
            );
        }
    }
    if world.call("next", true) == Seen::Refused {
        world.run.diagnose(
            "probe-lost",
            "The probe panicked. The breaker still waits for it, and refuses all calls.",
        );
    }
}

#[test]
fn a_call_that_is_dropped_while_it_is_closed_counts_as_neither() {
    let world = World::new(run!("neither"), 2);
    world.call("call", false);
    let (slow, _) = world.begins("slow");
    world.drops(slow);
    if world.is(BreakerState::Open) {
        world.run.diagnose(
            "dropped-counts-as-failed",
            "The threshold is 2. One call failed, one was dropped by its caller, and the breaker is open.",
        );
    }
    world.call("call", false);
    if !world.is(BreakerState::Open) {
        world.run.departs(
            "One call failed, one was dropped, one failed: two failures in a row, and the breaker is not open.",
        );
    }
    snapshot!(world.run);
}

#[test]
fn a_call_that_panics_while_it_is_closed_counts_as_neither() {
    for inside in [true, false] {
        let world = World::new(run!(), 3);
        world.call("call", false);
        world.panics(inside);
        world.call("call", false);
        if world.is(BreakerState::Open) {
            world.run.diagnose(
                "dropped-counts-as-failed",
                "The threshold is 3. One call failed, one panicked, one failed, and the breaker is open: the panic was counted as a failure.",
            );
        }
        world.call("call", false);
        if !world.is(BreakerState::Open) {
            world.run.departs(
                "One call failed, one panicked, two failed: three failures in a row, and the breaker is not open.",
            );
        }
    }
}

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
