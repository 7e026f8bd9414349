//! 12.2 slow-callback: an observer that reports polls that take too long.

#[path = "slow_callback/machines.rs"]
mod machines;
#[path = "slow_callback/rules.rs"]
mod rules;
#[path = "slow_callback/world.rs"]
mod world;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::subject::SlowCallback;
use event_loop::{End, EventLoop, JumpingDriver, Observer, Step, TaskId, yield_now};
use machines::{ALPHABET, Reference, Yours};
use probe::runs::Search;
use probe::{run, snapshot};
use probe_futures::heap;
use world::{FAST, LIMIT, World, id, panics};

#[test]
fn a_poll_in_which_no_time_passes_on_the_loops_clock_is_not_slow() {
    let world = World::with_limit(run!(), Duration::from_nanos(1));
    let (task, _) = world.spawn(1);
    for _ in 0..100 {
        world.poll_in_which(task, Duration::ZERO, || drop(vec![0_u8; 4_096]));
        world.wake(task);
    }
    let reports = world.reported();
    if let Some(slow) = reports.iter().find(|slow| !slow.took.is_zero()) {
        world.run.diagnose(
            "time-from-the-wall",
            format!(
                "The loop's clock stood still during these polls, and the report says that one of them took {:?}. The loop tells the duration in `took`.",
                slow.took
            ),
        );
    }
    if !reports.is_empty() {
        world.run.departs("The limit is 1 ns, no time passed on the loop's clock, and a poll was reported as slow.");
    }
}

#[test]
fn a_poll_that_takes_the_limit_is_reported_with_its_task_and_its_origin() {
    let world = World::new(run!("the_limit"));
    let (task, origin) = world.spawn(1);
    world.poll(task, FAST);
    world.no_report("The poll took less than the limit, and was reported.");
    world.wake(task);
    world.poll(task, LIMIT);
    let reports = world.reported();
    if reports.is_empty() {
        world.run.recorder().lacks("observer", "reports nothing");
        world.wake(task);
        world.poll(task, 2 * LIMIT);
        if world.reported().is_empty() {
            world.run.departs("The loop told of a poll that took the limit and of one that took twice as long, and neither was reported.");
        }
        world.run.diagnose(
            "limit-left-out",
            "The poll took exactly the limit, and was not reported. A poll that takes `limit` or longer is slow.",
        );
    }
    let [slow] = reports[..] else {
        world
            .run
            .departs("The slow poll was reported more than once.")
    };
    if (slow.task, slow.origin, slow.took, slow.finished) != (task, origin, LIMIT, false) {
        world.run.departs("The report does not say which task it was, where it was spawned, how long the poll took, and that the task has not finished.");
    }
    snapshot!(world.run);
}

#[test]
fn on_a_loop_with_a_simulated_clock_the_simulated_time_counts() {
    let run = run!();
    let seen: Arc<OnceLock<Duration>> = Arc::default();
    let report = Arc::clone(&seen);
    let observer = SlowCallback::new(LIMIT, move |slow| _ = report.set(slow.took));
    let driver = JumpingDriver::new();
    let event_loop = EventLoop::observed(driver.clone(), observer);
    event_loop.block_on(async move {
        driver.spend(Duration::from_millis(250));
        yield_now().await;
    });
    match seen.get() {
        Some(took) if *took == Duration::from_millis(250) => {}
        Some(took) => run.departs(format!("The poll took 250 ms, and the report says {took:?}.")),
        None => run.diagnose(
            "time-from-the-wall",
            "The poll took 250 ms on the loop's simulated clock, and was not reported. The loop tells the duration in `took`, if `measures` returns `true`.",
        ),
    }
}

#[test]
fn the_last_poll_of_a_task_is_reported_with_its_origin() {
    let world = World::new(run!("the_last_poll"));
    let (task, origin) = world.spawn(1);
    world.last_poll(task, 3 * LIMIT, End::Ready);
    match world.reported()[..] {
        [slow] if slow.finished && slow.origin == origin => {}
        [_] => world.run.departs("The task finished in this poll, and the report does not say so, or names another origin."),
        [] => {
            world.run.recorder().lacks("observer", "reports nothing");
            world.run.diagnose(
                "origin-lost-at-the-end",
                "The task finished in a slow poll, and nothing was reported. The loop calls `task_finished` before `took`.",
            )
        }
        _ => world.run.departs("The slow poll was reported more than once."),
    }
    snapshot!(world.run);
}

#[test]
fn every_slow_poll_of_a_task_is_reported() {
    let world = World::new(run!());
    let (task, _) = world.spawn(1);
    for nth in 1..=5 {
        world.poll(task, LIMIT);
        if nth > 1 && world.reported().is_empty() {
            world.run.diagnose(
                "reported-only-once",
                "The task was reported once. A later slow poll of it was not reported.",
            );
        }
        world.reported();
        world.wake(task);
    }
}

#[test]
fn a_park_is_not_reported() {
    let world = World::new(run!());
    let (task, _) = world.spawn(1);
    world.poll(task, FAST);
    for step in [Step::Park(None), Step::Park(Some(LIMIT)), Step::Call] {
        let caught = panics(|| world.observer.took(step, 10 * LIMIT));
        if caught || !world.reported().is_empty() {
            world.run.diagnose(
                "sleep-taken-for-work",
                format!("The loop told of a step `{step:?}`, in which it polled no task, and a report was made, or a panic."),
            );
        }
    }
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
    if slow.waiting == 1 && rules::takes_one_off() {
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

#[test]
fn a_slow_poll_is_reported_whatever_else_finishes_in_it() {
    for aborted_first in [true, false] {
        let world = World::new(run!());
        let (task, _) = world.spawn(1);
        let (other, _) = world.spawn(2);
        world.observer.poll_begun(task);
        let ends = [(task, End::Ready), (other, End::Dropped)];
        for place in if aborted_first { [1, 0] } else { [0, 1] } {
            world.observer.task_finished(ends[place].0, ends[place].1);
        }
        world.observer.took(Step::Poll(task), LIMIT);
        let reports = world.reported();
        if reports.is_empty() {
            world.run.recorder().lacks("observer", "reports nothing");
            world.run.diagnose(
                "one-finished-a-step",
                "Task 1 finished in a slow poll, and task 2 was aborted in the same step. Nothing was reported: of two tasks that finish in a step, \
                 one was forgotten.",
            );
        }
        if !matches!(reports[..], [slow] if slow.task == task && slow.finished) {
            world.run.departs(format!("Task 1 finished in a slow poll, and task 2 was aborted in the same step. Reported: {reports:?}."));
        }
    }
}

#[test]
fn a_report_may_wake_tasks() {
    rules::a_report_wakes(run!());
}

#[test]
fn wakes_of_several_threads_are_all_counted() {
    rules::wakes_of_eight_threads(&World::new(run!()));
}

#[test]
fn a_report_that_panics_does_not_end_the_reports() {
    let world = World::reporting(run!(), LIMIT, |_| panic!("the report fails"));
    let (task, _) = world.spawn(1);
    for nth in 1..=3 {
        let panicked = panics(|| world.poll(task, LIMIT));
        if nth > 1 && !panicked && world.reported().is_empty() {
            world.run.diagnose(
                "reported-only-once",
                format!("A report panicked. Slow poll {nth}, after that, was not reported."),
            );
        }
        if !panicked {
            world
                .run
                .departs("The report panicked, and its panic did not reach the caller of `took`.");
        }
        if world.reported().len() != 1 {
            world.run.departs(format!(
                "Slow poll {nth}: a report panicked, and a later slow poll was not reported once."
            ));
        }
        world.wake(task);
    }
}

#[test]
fn nothing_is_kept_of_a_hundred_thousand_tasks_that_have_finished() {
    let run = run!();
    let observer = SlowCallback::new(LIMIT, |_| {});
    let all = |numbers: std::ops::Range<u64>| {
        for number in numbers {
            observer.task_spawned_at(id(number), event_loop::Origin::of::<World>());
            observer.woken(id(number));
            observer.poll_begun(id(number));
            // It aborts another task.
            let aborted = id(1_000_000 + number);
            observer.task_spawned_at(aborted, event_loop::Origin::of::<World>());
            observer.woken(aborted);
            observer.task_finished(aborted, End::Dropped);
            observer.task_finished(id(number), End::Ready);
            observer.took(Step::Poll(id(number)), FAST);
        }
        heap::in_use()
    };
    let before = all(1..100);
    let after = all(100..100_000);
    if after - before > 100_000 {
        run.diagnose(
            "never-freed",
            format!(
                "100,000 tasks were ready and 100,000 were aborted, and {} bytes are kept of them.",
                after - before
            ),
        );
    }
    for (what, step) in [
        ("a call from another thread", Step::Call),
        ("a park", Step::Park(None)),
    ] {
        for number in 200_000..220_000 {
            observer.task_spawned_at(id(number), event_loop::Origin::of::<World>());
            observer.woken(id(number));
            observer.task_finished(id(number), End::Dropped);
            observer.took(step, FAST);
        }
        let kept = heap::in_use().saturating_sub(after);
        if kept > 100_000 {
            run.diagnose(
                "never-freed",
                format!("20,000 tasks were dropped, each in {what}, and `took` was called for these steps. {kept} bytes are kept of them."),
            );
        }
    }
}

#[test]
fn a_hundred_thousand_tasks_are_told_apart_and_counted() {
    rules::a_hundred_thousand(&World::new(run!()));
}

#[test]
fn in_every_short_run_the_same_is_reported() {
    Search::of(&ALPHABET)
        .up_to(6)
        .and_random(100, 40, 0x51_0c)
        .compare(&run!(), Yours::new, Reference::new);
}

#[test]
fn every_limit_and_every_duration_is_possible() {
    for (limit, takes) in [
        (Duration::ZERO, Duration::ZERO),
        (Duration::ZERO, FAST),
        (LIMIT, 1_000_000 * LIMIT),
        (LIMIT, Duration::MAX),
        (Duration::MAX, Duration::MAX),
    ] {
        let world = World::with_limit(run!(), limit);
        let (task, _) = world.spawn(1);
        world.poll(task, takes);
        if world.reported().len() != 1 {
            world.run.recorder().lacks("observer", "reports nothing");
            world.run.departs(format!(
                "The limit is {limit:?}, a poll took {takes:?}, and it was not reported once. A poll that takes the limit or longer is reported."
            ));
        }
    }
}
