//! 11.9 circuit_breaker: calls to a service that is down.

#[path = "circuit_breaker/machine.rs"]
mod machine;
#[path = "circuit_breaker/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "circuit_breaker/dropped.rs"]
mod dropped;

#[path = "circuit_breaker/late.rs"]
mod late;

use std::time::Duration;

use super::subject::BreakerState;
use probe::{run, snapshot};
use world::{COOL_DOWN, SECOND, Seen, World};

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
