//! 3.7 latch: several tasks that wait for the same event.

#[path = "latch/diagnoses.rs"]
mod diagnoses;
#[path = "latch/machine.rs"]
mod machine;

// The tests below come first, and then those of these modules, in this order.
#[path = "latch/dropped_waits.rs"]
mod dropped_waits;

#[path = "latch/open.rs"]
mod open;

#[path = "latch/threads.rs"]
mod threads;

#[path = "latch/many.rs"]
mod many;

use std::pin::Pin;

use super::subject::Latch;
use diagnoses::{BLOCKED, all_are_woken, one, opens};
use probe::{run, snapshot};
use probe_futures::laws::waiting;
use probe_futures::{poller, spy};
use probe_model::{alone, once};

#[test]
fn a_latch_of_zero_is_open_from_the_beginning() {
    alone(
        || run!(),
        |run| {
            let mut wait = spy(run, "wait", Latch::new(0).wait());
            if poller(run.recorder(), "A")
                .poll(Pin::new(&mut wait))
                .is_pending()
            {
                run.diagnose(
                    "zero-taken-for-empty",
                    "The latch was made with a count of 0, and a wait is pending. A count of 0 is a count: the latch is open.",
                );
            }
        },
    );
}

#[test]
fn after_the_last_count_a_wait_is_ready_at_once() {
    alone(
        || run!(),
        |run| waiting::ready_if_it_has_happened(run, one()),
    );
}

#[test]
fn a_wait_is_pending_until_the_count_is_zero() {
    once(
        || run!(),
        BLOCKED,
        BLOCKED,
        |run| {
            let latch = Latch::new(2);
            let mut wait = spy(run, "wait", latch.wait());
            let a = poller(run.recorder(), "A");
            for left in [2, 1] {
                run.recorder().says("latch", format!("{left} left"));
                let woken = a.wakes() > 0;
                if a.poll(Pin::new(&mut wait)).is_ready() {
                    run.diagnose(
                        "ready-too-early",
                        format!("The count is {left}, and `wait` returned Ready. It must stay pending until the count is 0."),
                    );
                }
                if woken {
                    run.diagnose(
                        "woken-for-nothing",
                        "The latch was counted down from 2 to 1, and A was woken. The latch is still closed: A polls, and is pending \
                         again.",
                    );
                }
                latch.count_down();
            }
            run.recorder().says("latch", "0 left");
            if a.poll(Pin::new(&mut wait)).is_pending() {
                run.departs("The latch of 2 was counted down twice, and a wait is still pending.");
            }
        },
    );
}

#[test]
fn a_clone_is_the_same_latch() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let call = run
                .recorder()
                .enters("latch", "a clone of it: count_down()");
            latch.clone().count_down();
            call.returns("returns");
            let mut wait = spy(run, "wait", latch.wait());
            let a = poller(run.recorder(), "A");
            if a.poll(Pin::new(&mut wait)).is_pending() {
                run.diagnose(
                    "clones-count-alone",
                    "A clone of a latch of 1 was counted down, and a wait of the other clone is pending: each clone counts alone.",
                );
            }
        },
    );
}

#[test]
fn a_wait_does_not_wake_its_own_task() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, one()),
    );
}

#[test]
fn the_last_count_wakes_the_waiting_task() {
    let run = alone(
        || run!("one_waits"),
        |run| waiting::wakes_when_it_happens(run, one()),
    );
    snapshot!(run);
}

#[test]
fn every_waiting_task_is_woken() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let tasks = ["A", "B", "C"].map(|name| poller(run.recorder(), name));
            let mut waits = ["first", "second", "third"].map(|lane| spy(run, lane, latch.wait()));
            for (task, wait) in tasks.iter().zip(&mut waits) {
                if task.poll(Pin::new(wait)).is_ready() {
                    run.departs("The latch of 1 was not counted down yet, and a wait was ready.");
                }
            }
            let kept = tasks.each_ref().map(|task| task.counts().alive > 0);
            opens(run, &latch);
            all_are_woken(run, &tasks, kept);
            for (task, wait) in tasks.iter().zip(&mut waits) {
                if task.poll(Pin::new(wait)).is_pending() {
                    run.departs(format!(
                        "The latch is open, {} was woken, and its wait is still pending.",
                        task.name()
                    ));
                }
            }
        },
    );
}

#[test]
fn polling_again_before_it_opens_changes_nothing() {
    alone(|| run!(), |run| waiting::a_poll_proves_nothing(run, one()));
}

#[test]
fn the_task_that_polled_a_wait_last_is_woken() {
    alone(
        || run!(),
        |run| waiting::wakes_the_latest_poller(run, one()),
    );
}

#[test]
fn a_wait_keeps_one_waker_however_often_it_is_polled() {
    alone(
        || run!(),
        |run| {
            let latch = Latch::new(1);
            let mut wait = Box::pin(latch.wait());
            let a = poller(run.recorder(), "A");
            for _ in 0..100 {
                if a.poll(wait.as_mut()).is_ready() {
                    run.departs("The latch of 1 was not counted down yet, and a wait was ready.");
                }
            }
            let kept = a.counts().alive;
            run.recorder().says(
                "A",
                format!("polls a hundred times: {kept} of its wakers are kept"),
            );
            if kept > 3 {
                run.diagnose(
                    "wakers-pile-up",
                    format!(
                        "One wait was polled a hundred times, and {kept} of its wakers are kept. A wait needs one waker, that of its \
                         latest poll.",
                    ),
                );
            }
            latch.count_down();
        },
    );
}
