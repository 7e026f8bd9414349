//! Calls that are dropped, or panic, before they have ended.

use super::super::subject::BreakerState;
use super::world::{COOL_DOWN, Seen, World};
use probe::{run, snapshot};

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
