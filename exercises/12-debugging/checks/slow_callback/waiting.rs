//! How many tasks a report counts as waiting.

use super::world::{FAST, LIMIT, World};
use event_loop::{End, Observer, Step, TaskId};
use probe::{run, snapshot};

/// Whether the report counts one task too few although no task has woken itself.
fn takes_one_off() -> bool {
    let world = World::new(run!());
    let tasks: Vec<_> = (1..=3).map(|number| world.spawn(number).0).collect();
    world.poll(tasks[0], LIMIT);
    world.one_report().waiting == 1
}

#[test]
fn the_other_tasks_that_are_ready_are_waiting() {
    let world = World::new(run!("waiting"));
    let tasks: Vec<_> = (1..=4).map(|number| world.spawn(number).0).collect();
    world.poll_in_which(tasks[0], LIMIT, || world.wake(tasks[0]));
    let slow = world.one_report();
    if slow.waiting == 4 {
        world.run.diagnose(
            "counts-itself",
            "Three other tasks were ready, and the report counts 4. The slow task woke itself in its poll: it did not wait for itself.",
        );
    }
    if slow.waiting != 3 {
        world.run.departs(format!(
            "Three other tasks were ready, and the report counts {}.",
            slow.waiting
        ));
    }
    world.poll(tasks[1], FAST);
    world.poll(tasks[2], LIMIT);
    // Task 4 waits, and task 1, which woke itself.
    let slow = world.one_report();
    if slow.waiting == 1 && takes_one_off() {
        world.run.diagnose(
            "counts-one-too-few",
            "Tasks 1 and 4 were ready, and the report counts 1. The slow task had not woken itself, so there is nothing to take off for it.",
        );
    }
    if slow.waiting == 1 {
        world.run.departs("Tasks 1 and 4 were ready, and the report counts 1. Task 1 was woken during its own poll, and waits from that wake on.");
    }
    if slow.waiting > 2 {
        world.run.diagnose(
            "polled-still-waiting",
            format!(
                "Tasks 1 and 4 were ready, and the report counts {}. Task 2 was polled since it was woken. A task waits until its next poll begins.",
                slow.waiting
            ),
        );
    }
    if slow.waiting != 2 {
        world.run.departs("Tasks 1 and 4 were ready, and the report counts others. A task waits until its next poll begins.");
    }
    snapshot!(world.run);
}

#[test]
fn a_task_that_was_aborted_does_not_wait_any_more() {
    let world = World::new(run!());
    let (task, _) = world.spawn(1);
    let (aborted, _) = world.spawn(2);
    world.poll_in_which(task, LIMIT, || world.abort(aborted));
    let slow = world.one_report();
    if (slow.waiting, slow.finished) != (0, false) {
        world.run.diagnose(
            "finished-still-waiting",
            format!(
                "Task 2 was aborted in the slow poll of task 1. The report counts {} waiting. A task that has finished waits for nothing.",
                slow.waiting
            ),
        );
    }
}

#[test]
fn a_task_that_was_spawned_and_not_woken_does_not_wait() {
    let world = World::new(run!());
    let (task, _) = world.spawn(1);
    world.spawn_for_later(2);
    world.poll(task, LIMIT);
    if world.one_report().waiting != 0 {
        world.run.diagnose(
            "spawned-taken-for-ready",
            "Task 2 is a callback for later: it was spawned and not woken. The report counts it as waiting.",
        );
    }
}

#[test]
fn a_task_that_panicked_or_was_dropped_after_its_poll_has_finished() {
    for end in [End::Ready, End::Panicked, End::Dropped] {
        let world = World::new(run!());
        let (task, _) = world.spawn(1);
        world.last_poll(task, LIMIT, end);
        if !world.one_report().finished {
            world.run.departs(format!("The task finished in the slow poll, and its end was `{end:?}`. The report says that it has not finished."));
        }
    }
}

#[test]
fn a_wake_that_comes_after_the_end_does_not_count() {
    let world = World::new(run!());
    let (gone, _) = world.spawn(2);
    let (task, _) = world.spawn(1);
    world.last_poll(gone, FAST, End::Ready);
    world.wake(gone);
    world.poll(task, LIMIT);
    let slow = world.one_report();
    if slow.waiting != 0 {
        world.run.diagnose(
            "late-wake-counted",
            "Task 2 had finished when another thread woke it. The report counts it as waiting.",
        );
    }
}

#[test]
fn a_late_wake_does_not_count_for_the_task_that_has_the_slot_now() {
    let run = run!();
    let world = World::new(run!());
    let (gone, new) = (TaskId::new(7, 3), TaskId::new(8, 3));
    let (task, origin) = world.spawn(1);
    world.observer.task_spawned_at(gone, origin);
    world.observer.poll_begun(gone);
    world.observer.task_finished(gone, End::Ready);
    world.observer.took(Step::Poll(gone), FAST);
    world.observer.task_spawned_at(new, origin);
    world.observer.woken(gone);
    world.poll(task, LIMIT);
    if world.one_report().waiting != 0 {
        run.recorder().says("task 7", "in slot 3, finishes");
        run.recorder()
            .says("task 8", "is spawned into slot 3, and not woken");
        run.recorder()
            .says("task 7", "is woken by another thread, too late");
        run.diagnose(
            "late-wake-counted",
            "Task 7 had finished, and task 8 was spawned into its slot. Another thread woke task 7, and the report counts a task as waiting.",
        );
    }
}
