//! lifecycle: parts that start in order, and are cleaned up in reverse.

#[path = "lifecycle/events.rs"]
mod events;
#[path = "lifecycle/judging.rs"]
mod judging;
#[path = "lifecycle/machine.rs"]
mod machine;
#[path = "lifecycle/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "lifecycle/dropped.rs"]
mod dropped;

#[path = "lifecycle/many.rs"]
mod many;

use super::subject::Phase;
use judging::{
    ABC, expect_cleanups, expect_failures, expect_phase, fails_to_start, refuse_wrong_starts,
    starts, stops, with_cleanup, with_start,
};
use probe::{run, snapshot};
use world::{Ends, SECOND, World};

const STOPS_EARLY: &str = "A clean-up failed, and the parts before it were not cleaned up.";
const HALF_DONE: &str = "A start failed. A part that had started before it was not cleaned up.";

#[test]
fn parts_start_in_order_and_are_cleaned_up_in_reverse() {
    let world = World::new(run!("well"));
    let running = starts(&world, world.parts(&ABC));
    refuse_wrong_starts(&world);
    world.says("service", "stops");
    let failures = stops(&world, running);
    let missing = "A part was not cleaned up when the service stopped.";
    expect_cleanups(&world, &["c", "b", "a"], "cleanup-skipped", missing);
    expect_failures(&world, &failures, &[]);
    snapshot!(world.run);
}

#[test]
fn a_failed_start_cleans_up_the_parts_that_had_started() {
    let world = World::new(run!("half"));
    let failures = fails_to_start(&world, world.parts(&with_start(2, Ends::Badly)));
    refuse_wrong_starts(&world);
    expect_cleanups(&world, &["b", "a"], "startup-half-done", HALF_DONE);
    expect_failures(&world, &failures, &["c: error"]);
    snapshot!(world.run);
}

#[test]
fn the_starts_behind_a_failed_one_are_not_polled() {
    let world = World::new(run!());
    let failures = fails_to_start(&world, world.parts(&with_start(1, Ends::Badly)));
    refuse_wrong_starts(&world);
    expect_cleanups(&world, &["a"], "startup-half-done", HALF_DONE);
    expect_failures(&world, &failures, &["b: error"]);
}

#[test]
fn a_start_that_panics_is_a_failed_start() {
    let world = World::new(run!());
    let failures = fails_to_start(&world, world.parts(&with_start(1, Ends::InAPanic)));
    refuse_wrong_starts(&world);
    expect_cleanups(&world, &["a"], "startup-half-done", HALF_DONE);
    expect_failures(&world, &failures, &["b: it panicked: bug"]);
}

#[test]
fn a_clean_up_that_fails_does_not_stop_the_others() {
    for ends in [Ends::Badly, Ends::InAPanic] {
        let name = if ends == Ends::Badly { "fails" } else { "" };
        let world = World::new(if name.is_empty() {
            run!()
        } else {
            run!("fails")
        });
        let running = starts(&world, world.parts(&with_cleanup(1, ends)));
        world.says("service", "stops");
        let failures = stops(&world, running);
        let code = "cleanup-stops-at-first-error";
        expect_cleanups(&world, &["c", "b", "a"], code, STOPS_EARLY);
        let words = ["b: error", "b: it panicked: bug"][usize::from(ends == Ends::InAPanic)];
        expect_failures(&world, &failures, &[words]);
        if !name.is_empty() {
            snapshot!(world.run);
        }
    }
}

#[test]
fn every_failure_is_returned_in_the_order_in_which_they_happened() {
    let world = World::new(run!());
    let bad = ABC.map(|(name, start, _)| (name, start, Ends::Badly));
    let running = starts(&world, world.parts(&bad));
    let failures = stops(&world, running);
    expect_failures(&world, &failures, &["c: error", "b: error", "a: error"]);

    let world = World::new(run!());
    let mut bad = bad;
    bad[2].1 = Ends::InAPanic;
    let failures = fails_to_start(&world, world.parts(&bad));
    expect_cleanups(
        &world,
        &["b", "a"],
        "cleanup-stops-at-first-error",
        STOPS_EARLY,
    );
    expect_failures(
        &world,
        &failures,
        &["c: it panicked: bug", "b: error", "a: error"],
    );
}

#[test]
fn readiness_is_set_when_every_part_has_started_until_the_stop() {
    let world = World::new(run!());
    let lifecycle = world.parts(&ABC);
    let readiness = lifecycle.readiness();
    let starting = lifecycle.start();
    let joined = world.handle.spawn(starting);
    world.pass(SECOND * 5 / 2);
    world.says("load balancer", format!("sees {:?}", readiness.phase()));
    if readiness.is_ready() {
        world.run.diagnose(
            "ready-too-early",
            "Two of three parts had started, and the service said that it was ready.",
        );
    }
    let Ok(Ok(running)) = world.sim.drive(joined) else {
        world.run.departs("No part fails. Expected: Ok(Running).")
    };
    expect_phase(
        &world,
        readiness.phase(),
        Phase::Ready,
        "Every part has started",
    );
    world.says("service", "stops");
    let stopping = running.stop();
    world.says("load balancer", format!("sees {:?}", readiness.phase()));
    if readiness.is_ready() {
        world.run.diagnose(
            "ready-while-stopping",
            "`stop` has returned, and the service still says that it is ready: its load balancer sends it requests.",
        );
    }
    let joined = world.handle.spawn(stopping);
    world.pass(SECOND * 3 / 2);
    expect_phase(
        &world,
        readiness.phase(),
        Phase::Stopping,
        "One of three clean-ups has ended",
    );
    let _failures = world.sim.drive(joined);
    expect_phase(
        &world,
        readiness.phase(),
        Phase::Stopped,
        "Every clean-up has ended",
    );
}
