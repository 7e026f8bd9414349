//! Calls from another thread, from a closed loop and from a wake; and every short run.

use std::cell::Cell;
use std::rc::Rc;
use std::thread;

use super::super::subject::Task;
use super::machine::{Reference, Yours};
use super::world::World;
use probe::runs::Search;
use probe::{panics, run};
use probe_futures::gate;
use probe_loop::task_runs::{self, Destructors, TaskMachine};

#[test]
fn another_thread_can_cancel_a_task() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.turns();
    let canceller = task.canceller();
    world.recorder.says("another thread", "calls the canceller");
    thread::spawn(move || canceller.cancel())
        .join()
        .expect("the canceller does not panic");
    world.turns();
    let polls = world.polls.get();
    world.expect_cancelled(&mut task);
    world.turns();
    let tasks = world.sim.event_loop().tasks();
    if tasks > 0 {
        world.left_behind(tasks, polls);
    }
}

#[test]
fn a_task_is_cancelled_when_its_loop_is_closed() {
    let world = World::new(run!());
    let mut task = world.sleeper();
    world.turns();
    world.recorder.says("loop", "is closed");
    world.sim.event_loop().close();
    if !world.said("task", "its destructors run") {
        world
            .run
            .departs("The loop was closed, and the task's future is still there.");
    }
    world.expect_cancelled(&mut task);
}

#[test]
fn a_joiner_may_use_the_task_inside_wake() {
    let world = World::new(run!());
    let (key, gate) = gate::<u32>();
    let mut task = Task::spawn(&world.spawn, gate);
    world.turns();
    let a = world.poller("A");
    let _ = world.join(&a, &mut task);
    let (task, seen) = (Rc::new(task), Rc::new(Cell::new(None)));
    let (joined, inside) = (Rc::clone(&task), Rc::clone(&seen));
    a.on_wake_local(move || {
        let used = panics::expected(|| joined.is_over());
        inside.set(Some(match used {
            Ok(true) => "has finished".to_owned(),
            Ok(false) => "has not finished".to_owned(),
            Err(panic) => panic.message,
        }));
    });
    key.open(7);
    world.turns();
    match seen.take().as_deref() {
        Some("has finished") => {}
        Some("has not finished") => world.run.diagnose(
            "woke-too-soon",
            "A was woken and called `is_over` from inside `wake`: it returned `false`. The task has to be finished before its joiner is woken.",
        ),
        Some(problem) => world.run.diagnose(
            "wake-under-lock",
            format!("A was woken and called `is_over` from inside `wake`. That panicked ({problem}): `wake` is called while the state is borrowed."),
        ),
        None => world.run.departs("The task has finished, and A, which joins it, was not woken."),
    }
    drop(task);
}

#[test]
fn every_short_run_is_as_expected() {
    for destructors in Destructors::ALL {
        let length = match destructors {
            Destructors::Quiet => 3,
            _ => 2,
        };
        Search::of(&task_runs::ALPHABET)
            .up_to(length)
            .and_random(20, 7, 6)
            .naming(&task_runs::KNOWN)
            .compare(
                &run!(),
                || TaskMachine::<Yours>::new(destructors),
                || TaskMachine::<Reference>::new(destructors),
            );
    }
}
