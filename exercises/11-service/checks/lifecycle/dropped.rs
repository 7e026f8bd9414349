//! Starts, services and stops that are dropped before they have ended, or polled after that.

use std::future::pending;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use super::super::subject::Lifecycle;
use super::judging::{ABC, expect_cleanups, expect_reports, polled, refuse_wrong_starts, starts};
use super::world::{Ends, SECOND, World};
use event_loop::Spawn;
use probe::{panics, run, snapshot};
use probe_loop::ManualLoop;

const DROPPED: &str =
    "The future was dropped, and the loop did not clean up a part that had started.";

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
