//! The thread that waits: where it may, how it sleeps, and how often.

use std::thread;
use std::time::Duration;

use super::machine::{DoorStep, KNOWN, Model, Yours};
use super::threads::{NO_ANSWER, Switches, on_another_thread, start, wait};
use event_loop::EventLoop;
use probe::panics::expected;
use probe::run;
use probe::runs::Search;

#[test]
fn wait_panics_on_the_loops_own_thread() {
    let run = run!();
    let event_loop = EventLoop::new();
    let door = event_loop.handle().door();
    let inner = run.clone();
    event_loop.block_on(async move {
        let task = start(&inner, &door, |_| async { 42 });
        let waited = expected(|| {
            wait(
                &inner,
                Some("waits-on-its-own-thread"),
                "`wait` was called on the loop's own thread, and blocks it: the loop cannot poll the task that it waits for. `wait` has to \
                 panic there.",
                task,
            )
        });
        if let Ok(result) = waited {
            inner.departs(format!("The task cannot have started yet, and `wait` returned {result:?}."));
        }
    });
}

#[test]
fn the_thread_of_another_loop_may_wait() {
    let run = run!();
    let result = on_another_thread(&run, |run, door| {
        let task = start(run, &door, |_| async { 42 });
        EventLoop::new().block_on(async { expected(|| wait(run, None, NO_ANSWER, task)) })
    });
    match result {
        Ok(Ok(42)) => {}
        Ok(result) => run.departs(format!(
            "A task returned 42. The thread of another loop called `wait`, which returned {result:?}."
        )),
        Err(panic) => run.departs(format!(
            "The thread of another loop called `wait`, which panicked: {}.",
            panic.message
        )),
    }
}

#[test]
fn a_waiting_thread_sleeps_until_there_is_a_result() {
    let run = run!();
    let woken = on_another_thread(&run, |run, door| {
        let waiting = Switches::of_this_thread();
        let task = start(run, &door, move |_| async move {
            if waiting.spins() {
                return None;
            }
            // The loop does nothing for 100 ms, and the other thread waits.
            let before = waiting.count();
            (0..100).for_each(|_| thread::sleep(Duration::from_millis(1)));
            Some(waiting.count().saturating_sub(before))
        });
        wait(run, None, NO_ANSWER, task)
    });
    let Ok(woken) = woken else { return };
    let Some(woken) = woken else {
        run.recorder()
            .says("other thread", "waits, and has not gone to sleep");
        run.diagnose(
            "busy-poll",
            "The thread that waited for a task used 50 ms of processor time, and was not asleep at any look: it asks again and again whether there \
             is a result. It has to sleep until there is one.",
        );
    };
    if woken > FEW {
        run.recorder().says(
            "other thread",
            format!("waits, and goes to sleep {woken} times meanwhile"),
        );
        run.diagnose(
            "sleeps-by-the-clock",
            format!(
                "A task took 100 ms, and the thread that waited for it went to sleep {woken} times in this time. It slept for a time, looked \
                 for a result, and slept again. It has to sleep until there is a result."
            ),
        );
    }
}

/// How often a thread that waits may go to sleep. It does so once, and again if it meets another thread at a lock.
const FEW: u64 = 4;

#[test]
fn three_hundred_tasks_return_three_hundred_results() {
    let run = run!();
    let results = on_another_thread(&run, |run, door| {
        let tasks: Vec<_> = (0..300)
            .map(|number| start(run, &door, move |_| async move { number }))
            .collect();
        run.recorder().says("other thread", "starts 300 tasks");
        let wait = |task| wait(run, None, NO_ANSWER, task);
        tasks.into_iter().map(wait).collect::<Vec<_>>()
    });
    for (number, result) in (0..).zip(results) {
        if !matches!(result, Ok(same) if same == number) {
            run.departs(format!(
                "300 tasks were started. Task {number} returned {number}, and its `wait` returned {result:?}."
            ));
        }
    }
}

#[test]
fn every_short_run_is_as_expected() {
    use DoorStep::{DropLoop, DropRemote, Iterations, Start, StartPanic, WaitForAll};
    let alphabet = [
        Start, StartPanic, Iterations, DropRemote, DropLoop, WaitForAll,
    ];
    Search::of(&alphabet)
        .up_to(4)
        .and_random(40, 8, 410)
        .leaving_no_memory()
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Model::default);
}
