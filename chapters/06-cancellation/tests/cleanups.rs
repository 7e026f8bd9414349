//! Work that has to be awaited when a task is dropped.

use std::time::Duration;

use crate::common::World;
use cancellation::{Cleanup, Task};

const SECOND: Duration = Duration::from_secs(1);

/// Says goodbye, which takes two seconds.
fn goodbye(world: &World) -> Cleanup {
    let (handle, log) = (world.handle.clone(), world.log.clone());
    Cleanup::new(&world.spawn, async move {
        log.write("goodbye begins");
        handle.sleep(SECOND).await;
        log.write("goodbye goes on");
        handle.sleep(SECOND).await;
        log.write("goodbye ends");
    })
}

fn wait(world: &World, duration: Duration) {
    let handle = world.handle.clone();
    world.drive(async move { handle.sleep(duration).await });
}

#[test]
fn a_cleanup_does_nothing_until_it_is_awaited_or_dropped() {
    let world = World::new();
    let cleanup = goodbye(&world);
    wait(&world, 5 * SECOND);
    world.wrote(&[]);
    cleanup.cancel();
    wait(&world, 5 * SECOND);
    world.wrote(&[]);
    world.is_empty();
}

#[test]
fn awaited_it_is_done_here_and_once() {
    let world = World::new();
    let cleanup = goodbye(&world);
    world.drive(cleanup);
    world.wrote(&["goodbye begins", "goodbye goes on", "goodbye ends"]);
    assert_eq!(world.sim.sim().now(), 2 * SECOND);
    wait(&world, 5 * SECOND);
    assert_eq!(world.log.lines().len(), 3);
    world.is_empty();
}

#[test]
fn dropped_before_it_is_done_by_the_loop() {
    let world = World::new();
    drop(goodbye(&world));
    world.wrote(&[]);
    wait(&world, 5 * SECOND);
    world.wrote(&["goodbye begins", "goodbye goes on", "goodbye ends"]);
    world.is_empty();
}

#[test]
fn dropped_in_the_middle_the_loop_does_what_is_left() {
    let world = World::new();
    let cleanup = goodbye(&world);
    let task = Task::spawn(&world.spawn, cleanup);
    wait(&world, SECOND + SECOND / 2);
    world.wrote(&["goodbye begins", "goodbye goes on"]);
    assert!(task.cancel());
    wait(&world, 5 * SECOND);
    world.wrote(&["goodbye begins", "goodbye goes on", "goodbye ends"]);
    drop(task);
    world.is_empty();
}

#[test]
fn a_task_that_is_cancelled_leaves_its_cleanup_to_the_loop() {
    let world = World::new();
    let (cleanup, handle, log) = (goodbye(&world), world.handle.clone(), world.log.clone());
    let task = Task::spawn(&world.spawn, async move {
        handle.sleep(60 * SECOND).await;
        log.write("done");
        cleanup.await;
    });
    world.turns(1);
    assert!(task.cancel());
    world.log.write("cancel has returned");
    wait(&world, 5 * SECOND);
    world.wrote(&[
        "cancel has returned",
        "goodbye begins",
        "goodbye goes on",
        "goodbye ends",
    ]);
}

#[test]
fn one_that_panics_is_not_begun_once_more() {
    let world = World::new();
    let cleanup = Cleanup::new(&world.spawn, async { panic!("out of paper") });
    let task = Task::spawn(&world.spawn, cleanup);
    world.turns(3);
    assert_eq!(world.end(task), "the task panicked: out of paper");
    assert_eq!(world.reports.lines().len(), 0);
    world.is_empty();
}

#[test]
fn a_closed_loop_runs_no_cleanup() {
    let world = World::new();
    let cleanup = goodbye(&world);
    world.sim.event_loop().close();
    drop(cleanup);
    world.wrote(&[]);
}
