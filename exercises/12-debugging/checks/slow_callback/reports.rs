//! Reports when several tasks finish, wake or panic in a poll; many tasks, every short run and every limit.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::super::subject::SlowCallback;
use super::machines::{ALPHABET, Reference, Yours};
use super::world::{FAST, LIMIT, World, id, panics};
use event_loop::{End, Observer, Step};
use probe::run;
use probe::runs::Search;
use probe_futures::heap;

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
    let run = run!();
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

#[test]
fn wakes_of_several_threads_are_all_counted() {
    let world = World::new(run!());
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
    let world = World::new(run!());
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
