//! The deadline, and the work that is cut at it.

use std::future::{pending, ready};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use super::super::subject::Drain;
use super::world::{SECOND, World};
use probe::{run, snapshot};
use probe_futures::poller;
use probe_loop::HandClock;

#[test]
fn at_the_deadline_the_work_that_is_left_is_cut() {
    let world = World::new(run!("cut"));
    let drain = Drain::new();
    world.admits(&drain, "a", 2);
    world.admits(&drain, "b", 40);
    world.pass(1);
    let numbers = world.finishes(&drain, 5);
    if world.said("b", "finishes") {
        world.run.diagnose(
            "never-forced",
            "The deadline was at 6 s, and the service waited for b until 40 s.",
        );
    }
    if !world.said("b", "is dropped") {
        world.run.recorder().lacks("b", "is still in flight");
        world.run.diagnose(
            "finish-before-the-work",
            "The deadline had passed, and the finish was ready before the work that is left was dropped.",
        );
    }
    world.expect_numbers(numbers, [2, 1, 1, 0, 0]);
    world.pass(1);
    if !world.said("b", "ready: Err(Cut)") {
        world
            .run
            .departs("b was cut. Expected of the admitted work: ready(Err(Cut)).");
    }
    snapshot!(world.run);
}

#[test]
fn the_deadline_counts_from_the_call() {
    let world = World::new(run!());
    let drain = Drain::new();
    world.admits(&drain, "a", 40);
    world.says("service", "finish(5 s)");
    let finish = drain.finish(&world.handle, 5 * SECOND);
    world.pass(3);
    world.says("service", "polls the finish for the first time");
    world.drive(finish);
    if world.seconds() != 5 {
        world.run.departs(format!(
            "`finish(5 s)` was called at 0 s and polled from 3 s on. The work was cut at {} s.",
            world.seconds()
        ));
    }
}

#[test]
fn an_output_at_the_deadline_is_returned() {
    let world = World::new(run!());
    let drain = Drain::new();
    let clock = HandClock::default();
    let Ok(mut admitted) = drain.admit(ready(7)) else {
        world
            .run
            .departs("The service was not finishing, and the work was refused.")
    };
    let mut finish = drain.finish(&clock, SECOND);
    clock.advance(SECOND);
    world.says("clock", "shows 1s, the deadline");
    let mut context = Context::from_waker(Waker::noop());
    let polled = Pin::new(&mut finish).poll(&mut context);
    world.says(
        "service",
        format!("polls the finish: ready: {}", polled.is_ready()),
    );
    let polled = Pin::new(&mut admitted).poll(&mut context);
    world.says("work", format!("polled → {polled:?}"));
    if polled != Poll::Ready(Ok(7)) {
        world.run.diagnose(
            "value-lost-to-the-cut",
            "The work was ready in the poll in which it found that the drain was cut, and its output was not returned.",
        );
    }
    world.expect_numbers(drain.numbers(), [1, 1, 0, 0, 0]);
}

#[test]
fn the_cut_wakes_the_task_that_polled_the_work_last() {
    let run = run!();
    let drain = Drain::new();
    let Ok(mut admitted) = drain.admit(pending::<()>()) else {
        run.departs("The service was not finishing, and the work was refused.")
    };
    let tasks = ["A", "B"].map(|name| poller(run.recorder(), name));
    for task in &tasks {
        run.recorder().says(task.name(), "polls its work → Pending");
        let _pending = task.poll(Pin::new(&mut admitted));
    }
    let before = tasks.each_ref().map(|task| task.wakes());
    run.recorder().says("service", "cut()");
    drain.cut();
    if tasks[1].wakes() > before[1] {
        return;
    }
    run.recorder().lacks("B", "is not woken");
    if tasks[0].wakes() > before[0] {
        run.diagnose(
            "first-waker-only",
            "Two tasks polled the work, A and then B. The drain was cut, and only A was woken: the waker of the latest poll counts.",
        );
    }
    run.diagnose(
        "forgot-to-wake",
        "The drain was cut, and the task that had polled the work last was not woken. It does not learn of the cut.",
    );
}
