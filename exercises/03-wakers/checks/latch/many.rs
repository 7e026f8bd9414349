//! Many waits, many runs and large counts.

use std::pin::Pin;

use super::super::subject::Latch;
use super::machine::{KNOWN, Reference, Step, Yours};
use probe::runs::Search;
use probe::{Recorder, run};
use probe_futures::{Poller, poller, spy};
use probe_model::{alone, compare};

#[test]
fn of_three_hundred_waits_all_that_are_left_are_woken() {
    alone(
        || run!(),
        |run| {
            let (latch, notes) = (Latch::new(2), Recorder::default());
            let tasks: Vec<Poller> = (0..WAITS_OF_MANY)
                .map(|number| poller(&notes, &format!("task {number}")))
                .collect();
            let mut waits: Vec<_> = tasks
                .iter()
                .map(|_| Some(Box::pin(latch.clone().wait())))
                .collect();
            for (wait, task) in waits.iter_mut().flatten().zip(&tasks) {
                if task.poll(wait.as_mut()).is_ready() {
                    run.departs("A latch of 2 that was not counted down was open.");
                }
            }
            run.recorder().says(
                "check",
                format!("{WAITS_OF_MANY} tasks wait, each with a clone of its own"),
            );
            // 7 and 300 have no common divisor, so this order visits every wait.
            let dropped = (0..WAITS_OF_MANY / 3).map(|step| step * 7 % WAITS_OF_MANY);
            dropped.for_each(|which| waits[which] = None);
            run.recorder()
                .says("check", "drops a third of the waits, in mixed order");
            latch.count_down();
            latch.clone().count_down();
            run.recorder().says("check", "counts down twice");
            let woken = |is: bool| {
                let all = tasks.iter().zip(&waits);
                all.filter(move |(task, wait)| wait.is_some() == is && (task.wakes() > 0) != is)
                    .map(|(task, _)| task.name())
                    .collect::<Vec<_>>()
            };
            let (missed, disturbed) = (woken(true), woken(false));
            if let Some(first) = missed.first() {
                run.recorder().says(first, "is not woken");
                run.diagnose(
                    "waits-mixed-up",
                    format!(
                        "{} tasks waited when the latch opened, and {} of them were not woken. There may be any number of waits.",
                        WAITS_OF_MANY - WAITS_OF_MANY / 3,
                        missed.len()
                    ),
                );
            }
            if let Some(first) = disturbed.first() {
                run.recorder().says(first, "is woken");
                run.diagnose(
                    "woken-for-nothing",
                    "The wait of this task had been dropped, and the task was woken when the latch opened.",
                );
            }
            drop((latch, waits));
            let kept: usize = tasks.iter().map(|task| task.counts().alive).sum();
            if kept > 0 {
                run.diagnose(
                    "waker-kept",
                    format!("The latch is open, all its waits and clones are dropped, and {kept} wakers are still kept."),
                );
            }
        },
    );
}

const WAITS_OF_MANY: usize = 300;

#[test]
fn every_short_run_is_as_expected() {
    let mut alphabet = vec![Step::CountDown];
    for wait in 0..3 {
        alphabet.extend([Step::Poll { wait, task: 0 }, Step::Drop { wait }]);
    }
    alphabet.push(Step::Poll { wait: 0, task: 1 });
    let search = Search::of(&alphabet)
        .up_to(4)
        .and_random(100, 10, 3)
        .leaving_no_memory()
        .naming(&KNOWN);
    compare(search, || run!(), Yours::new, Reference::new);
}

#[test]
fn long_runs_of_two_waits_and_two_tasks_are_as_expected() {
    let mut alphabet = vec![Step::CountDown];
    for wait in 0..2 {
        alphabet.extend([0, 1].map(|task| Step::Poll { wait, task }));
        alphabet.push(Step::Drop { wait });
    }
    let search = Search::of(&alphabet)
        .up_to(2)
        .and_random(400, 10, 37)
        .naming(&KNOWN);
    compare(search, || run!(), Yours::new, Reference::new);
}

#[test]
fn a_large_count_is_not_cut() {
    // Both sides of what 8, 16 and 32 bits can count.
    let sizes = [8, 16, 32].map(|bits| 1_usize.checked_shl(bits).unwrap_or(usize::MAX - 1));
    for count in sizes
        .into_iter()
        .flat_map(|size| [size, size + 1])
        .chain([usize::MAX])
    {
        alone(
            || run!(),
            move |run| {
                run.recorder()
                    .says("latch", format!("is made with a count of {count}"));
                let latch = Latch::new(count);
                let mut wait = spy(run, "wait", latch.wait());
                latch.count_down();
                run.recorder().says("latch", "count_down()");
                if poller(run.recorder(), "A")
                    .poll(Pin::new(&mut wait))
                    .is_ready()
                {
                    run.diagnose(
                        "ready-too-early",
                        format!("A latch of {count} was counted down once, and a wait is ready."),
                    );
                }
            },
        );
    }
}
