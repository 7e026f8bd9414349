//! lifecycle: parts that start in order, and are cleaned up in reverse.

use std::cell::Cell;
use std::future::pending;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use super::subject::{Lifecycle, Phase};
use event_loop::Spawn;
use probe::runs::Search;
use probe::{Run, panics, run, snapshot};
use probe_futures::gate;
use probe_loop::ManualLoop;

#[path = "lifecycle/events.rs"]
mod events;
#[path = "lifecycle/judging.rs"]
mod judging;
#[path = "lifecycle/machine.rs"]
mod machine;
#[path = "lifecycle/world.rs"]
mod world;

use events::{ALPHABET, KNOWN};
use judging::{
    ABC, expect_cleanups, expect_failures, expect_phase, expect_reports, fails_to_start, polled,
    refuse_wrong_starts, starts, stops, with_cleanup, with_start,
};
use machine::{Begins, Reference, Yours};
use world::{Ends, SECOND, World};

const STOPS_EARLY: &str = "A clean-up failed, and the parts before it were not cleaned up.";
const HALF_DONE: &str = "A start failed. A part that had started before it was not cleaned up.";
const DROPPED: &str =
    "The future was dropped, and the loop did not clean up a part that had started.";

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

#[test]
fn dropping_a_start_leaves_the_clean_up_to_the_loop() {
    let world = World::new(run!("dropped"));
    let mut starting = Box::pin(world.parts(&ABC).start());
    let timer = world.handle.clone();
    world.drive(async move {
        let limit = composition::timeout(&timer, SECOND * 3 / 2, starting.as_mut());
        assert!(limit.await.is_err(), "three parts take three seconds");
    });
    world.says("caller", "has dropped the start");
    world.pass(10 * SECOND);
    refuse_wrong_starts(&world);
    if !world.has_written("b start is dropped") {
        world.run.departs(
            "The start of b was pending when the start was dropped. It was not dropped with it.",
        );
    }
    expect_cleanups(&world, &["a"], "cleanup-lost-on-drop", DROPPED);
    snapshot!(world.run);
}

#[test]
fn dropping_a_running_service_leaves_the_clean_up_to_the_loop() {
    let world = World::new(run!());
    let lifecycle = world.parts(&ABC);
    let readiness = lifecycle.readiness();
    let running = starts(&world, lifecycle);
    world.says("caller", "drops the running service");
    drop(running);
    if readiness.is_ready() {
        world.run.diagnose(
            "ready-while-stopping",
            "The running service was dropped, and it still says that it is ready.",
        );
    }
    world.pass(10 * SECOND);
    expect_cleanups(&world, &["c", "b", "a"], "cleanup-lost-on-drop", DROPPED);
}

#[test]
fn dropping_a_stop_lets_the_clean_up_in_progress_go_on() {
    let world = World::new(run!());
    let bad = ABC.map(|(name, start, _)| (name, start, Ends::Badly));
    let running = starts(&world, world.parts(&bad));
    let mut stopping = Box::pin(running.stop());
    let timer = world.handle.clone();
    world.drive(async move {
        let limit = composition::timeout(&timer, SECOND * 3 / 2, stopping.as_mut());
        assert!(limit.await.is_err(), "three clean-ups take three seconds");
    });
    world.says("caller", "has dropped the stop");
    world.pass(10 * SECOND);
    if world.has_written("b clean-up is dropped") {
        world.run.diagnose(
            "cleanup-lost-on-drop",
            "The stop was dropped while the clean-up of b was pending, and that clean-up was dropped with it.",
        );
    }
    expect_cleanups(&world, &["c", "b", "a"], "cleanup-lost-on-drop", DROPPED);
    expect_reports(&world, &["a: error", "b: error", "c: error"]);
}

#[test]
fn on_a_closed_loop_the_clean_up_is_dropped() {
    let run = run!();
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let mut lifecycle: Lifecycle<&str> = Lifecycle::new(&spawn);
    lifecycle.context("a", async { Ok(pending()) });
    let running = polled(&run, lifecycle);
    event_loop.close();
    run.recorder().says("loop", "is closed");
    run.recorder().says("caller", "drops the running service");
    run.risk(
        Some("respawned-when-dropped"),
        "A closed loop drops what it is given. The clean-up was spawned again each time it was dropped.",
        || drop(running),
    );
}

#[test]
fn a_stop_that_was_ready_is_not_polled_again_in_silence() {
    let run = run!();
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let mut stopping = polled(&run, Lifecycle::new(&spawn)).stop();
    let mut context = Context::from_waker(Waker::noop());
    let first = Pin::new(&mut stopping).poll(&mut context);
    run.recorder()
        .says("caller", format!("polls the stop → {first:?}"));
    if let Ok(again) = panics::expected(|| Pin::new(&mut stopping).poll(&mut context)) {
        run.recorder()
            .says("caller", format!("polls it again → {again:?}"));
        run.diagnose(
            "silent-after-ready",
            format!("The stop was ready, was polled again, and returned {again:?}. The contract says that it panics: a task that polls it again waits for something that never happens."),
        );
    }
}

#[test]
fn every_one_of_three_hundred_failures_is_told_in_order() {
    const ALL: usize = 300;
    let names: Vec<&'static str> = (0..ALL)
        .map(|number| &*Box::leak(format!("part {number}").into_boxed_str()))
        .collect();
    let expected: Vec<_> = names
        .iter()
        .rev()
        .map(|name| format!("{name}: error"))
        .collect();
    let parts = || {
        let event_loop = Rc::new(ManualLoop::default());
        let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
        let mut lifecycle: Lifecycle<&str> = Lifecycle::new(&spawn);
        let (key, waits) = gate();
        lifecycle.context("waits", async {
            Ok(async move {
                waits.await;
                Ok(())
            })
        });
        for name in &names {
            lifecycle.context(name, async { Ok(async { Err("error") }) });
        }
        (event_loop, lifecycle, key)
    };
    let mut context = Context::from_waker(Waker::noop());
    let judge = |run: &Run, told: &[String], by: &str| {
        // A report is a sentence that has the failure in it.
        let is_told = |(told, failure): (&String, &String)| told.contains(failure.as_str());
        if told.len() == ALL && told.iter().zip(&expected).all(is_told) {
            return;
        }
        let missing = expected
            .iter()
            .any(|failure| !told.iter().any(|told| told.contains(failure.as_str())));
        run.recorder()
            .says("caller", format!("is told of {} failures", told.len()));
        if missing || told.len() < ALL {
            run.diagnose(
                "error-swallowed",
                format!(
                    "{ALL} clean-ups failed, and {} failures were {by}.",
                    told.len()
                ),
            );
        }
        run.diagnose(
            "failures-out-of-order",
            format!("{ALL} clean-ups failed, the last part's first. The first failure that was {by} is {:?}. Failures are told in the order in which they happened.", told[0]),
        );
    };
    {
        let run = run!();
        let (_loop, lifecycle, key) = parts();
        let mut stopping = polled(&run, lifecycle).stop();
        key.open(());
        if let Poll::Ready(failures) = Pin::new(&mut stopping).poll(&mut context) {
            let told: Vec<_> = failures.iter().map(ToString::to_string).collect();
            judge(&run, &told, "returned");
        }
    }
    {
        let run = run!();
        let (_loop, mut lifecycle, key) = parts();
        lifecycle.on_startup("fails", async { Err("no") });
        key.open(());
        let mut starting = lifecycle.start();
        if let Poll::Ready(Err(not)) = Pin::new(&mut starting).poll(&mut context) {
            let told: Vec<_> = not.cleanups.iter().map(ToString::to_string).collect();
            judge(&run, &told, "in `NotStarted`");
        }
    }
    let run = run!();
    let (event_loop, lifecycle, key) = parts();
    drop(polled(&run, lifecycle));
    run.recorder().says("caller", "drops the running service");
    event_loop.run();
    let early = event_loop.reports().len();
    if early > 0 {
        run.recorder()
            .says("loop", format!("is told of {early} failures"));
        run.departs(format!("The running service was dropped, {ALL} clean-ups failed, and the last one is pending. {early} failures were reported. The task reports them when the last clean-up has ended."));
    }
    key.open(());
    event_loop.run();
    judge(&run, &event_loop.reports(), "reported");
}

#[test]
fn a_hundred_thousand_parts_start_and_stop() {
    let run = run!();
    let event_loop = Rc::new(ManualLoop::default());
    let spawn: Rc<dyn Spawn> = Rc::<ManualLoop>::clone(&event_loop);
    let count = Rc::new(Cell::new(0_u32));
    let mut lifecycle: Lifecycle<&str> = Lifecycle::new(&spawn);
    for _ in 0..100_000 {
        let count = Rc::clone(&count);
        lifecycle.context("part", async {
            Ok(async move {
                count.set(count.get() + 1);
                Ok(())
            })
        });
    }
    let stopped = run.risk(
        Some("recursion-for-a-loop"),
        "100,000 parts, none of which waits, start and are cleaned up in two polls.",
        || {
            Pin::new(&mut polled(&run, lifecycle).stop())
                .poll(&mut Context::from_waker(Waker::noop()))
        },
    );
    if !stopped.is_ready() || count.get() != 100_000 {
        run.departs(format!(
            "100,000 parts had started, and no clean-up waits. One poll has run {} of them.",
            count.get()
        ));
    }
}

#[test]
fn every_short_run_is_as_expected() {
    for (begins, length) in [
        (Begins::AtTheStart, 4),
        (Begins::Running, 4),
        (Begins::Stopping, 4),
    ] {
        Search::of(&ALPHABET)
            .up_to(length)
            .and_random(60, 16, 11)
            .naming(&KNOWN)
            .compare(&run!(), || Yours::new(begins), || Reference::new(begins));
    }
}
