//! 12.2 slow-callback: an observer that reports polls that take too long.

#[path = "slow_callback/machines.rs"]
mod machines;
#[path = "slow_callback/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "slow_callback/waiting.rs"]
mod waiting;

#[path = "slow_callback/reports.rs"]
mod reports;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::subject::SlowCallback;
use event_loop::{End, EventLoop, JumpingDriver, Observer, Step, yield_now};
use probe::{run, snapshot};
use world::{FAST, LIMIT, World, panics};

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
