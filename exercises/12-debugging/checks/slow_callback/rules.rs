//! The judgments that take several steps.

use std::sync::{Arc, OnceLock};

use super::super::subject::SlowCallback;
use super::world::{FAST, LIMIT, World, id, panics};
use event_loop::{End, Observer, Step};
use probe::{Run, run};

/// Four tasks with numbers far apart are slow, while 100,000 others are ready.
#[track_caller]
pub(super) fn a_hundred_thousand(world: &World) {
    let far = [1, 257, 65_537, (1 << 32) + 1];
    let origins = far.map(|number| world.origin_of(number));
    for number in 2_000_000..2_100_000 {
        world.observer.task_spawned_at(id(number), origins[0]);
        world.observer.woken(id(number));
    }
    for (number, origin) in far.into_iter().zip(origins) {
        world.observer.poll_begun(id(number));
        world.observer.took(Step::Poll(id(number)), LIMIT);
        let slow = world.one_report();
        if slow.origin != origin {
            world.run.departs(format!(
                "Task {number} was slow, and the report has the origin of another task."
            ));
        }
        if slow.waiting != 100_000 {
            world.run.departs(format!(
                "100,000 tasks were ready, and the report counts {}.",
                slow.waiting
            ));
        }
    }
    let sentence = "100,000 tasks are ready, and 10,000 polls of another task are slow. The calls of `took` take longer than with one task: each walks \
                    through all of them.";
    world.run.risk(Some("walks-every-task"), sentence, || {
        for _ in 0..10_000 {
            world.observer.poll_begun(id(1));
            world.observer.took(Step::Poll(id(1)), LIMIT);
            let _report = world.reported();
        }
    });
}

/// Whether the report counts one task too few although no task has woken itself.
pub(super) fn takes_one_off() -> bool {
    let world = World::new(run!());
    let tasks: Vec<_> = (1..=3).map(|number| world.spawn(number).0).collect();
    world.poll(tasks[0], LIMIT);
    world.one_report().waiting == 1
}

/// Eight threads wake 500 tasks each, at the same time.
#[track_caller]
pub(super) fn wakes_of_eight_threads(world: &World) {
    let (task, origin) = world.spawn(1);
    for number in 10..4_010 {
        world.observer.task_spawned_at(id(number), origin);
    }
    std::thread::scope(|scope| {
        for thread in 0..8_u64 {
            let observer = &world.observer;
            let mine = 10 + 500 * thread..510 + 500 * thread;
            scope.spawn(move || mine.for_each(|number| observer.woken(id(number))));
        }
    });
    world.poll(task, LIMIT);
    let slow = world.one_report();
    if slow.waiting != 4_000 {
        world.run.departs(format!(
            "Eight threads woke 4,000 tasks. The report counts {}.",
            slow.waiting
        ));
    }
}

/// A report that wakes one task and drops two.
#[track_caller]
pub(super) fn a_report_wakes(run: Run) {
    let cell: Arc<OnceLock<Arc<SlowCallback<_>>>> = Arc::default();
    let inside = Arc::clone(&cell);
    let world = World::reporting(run, LIMIT, move |_| {
        if let Some(observer) = inside.get() {
            observer.woken(id(2));
            observer.task_finished(id(3), End::Dropped);
            observer.task_finished(id(4), End::Dropped);
        }
    });
    assert!(cell.set(Arc::clone(&world.observer)).is_ok());
    let (task, _) = world.spawn(1);
    let (other, _) = world.spawn(2);
    world.spawn(3);
    world.spawn(4);
    world.poll(other, FAST);
    let sentence = "The report wakes another task, so the loop calls `woken` inside of `took`. That call did not return, or it panicked.";
    let polled = || panics(|| world.poll(task, LIMIT));
    if world.run.risk(Some("observer-reenters"), sentence, polled) {
        world.run.diagnose("observer-reenters", sentence);
    }
    world.reported();
    world.wake(task);
    world.poll(task, LIMIT);
    if world.one_report().waiting != 1 {
        world.run.departs(
            "The first report woke task 2 and dropped tasks 3 and 4, so one task waits. The second report counts others.",
        );
    }
}
