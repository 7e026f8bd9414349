//! 11.8 retry: what may be tried again.

#[path = "retry/judge.rs"]
mod judge;
#[path = "retry/moments.rs"]
mod moments;
#[path = "retry/world.rs"]
mod world;

use std::pin::pin;
use std::task::{Context, Waker};

use judge::{expect, expect_starts, expect_time, gave_up, success_is_told};
use probe::{run, snapshot};
use world::Script::{Cancelled, Hangs, MaybeDone, NotDone, Permanent, Succeeds};
use world::{Ended, Limits, USUAL, World, retried, yours};

#[test]
fn the_value_of_the_first_attempt_that_succeeds_is_returned() {
    let run = run!("third_time");
    let (world, ended) = retried(&run, USUAL, &[NotDone(100), NotDone(0), Succeeds(50)]);
    let starts = world.starts();
    if starts.len() == 3 && starts[2].1 < 1_100 {
        run.diagnose(
            "retries-at-once",
            format!(
                "The delays are 1 s and 2 s. The third attempt began at {} ms.",
                starts[2].1
            ),
        );
    }
    expect_starts(&run, &world, &[(1, 0), (2, 1_100), (3, 3_100)]);
    expect(&run, &ended, &Ended::Ok(3));
    if world.beside.get() > 0 {
        run.diagnose(
            "attempt-kept",
            "An attempt had failed, and its future was still in memory when the next one began. It may hold a connection.",
        );
    }
    snapshot!(run);
    let run = run!();
    let world = World::new(run.recorder(), &[NotDone(0)]);
    let mut call = pin!(yours(world.clone(), USUAL));
    let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    if polled.is_pending() && world.attempts.alive() > 0 {
        world.says("retry", "sleeps for the delay");
        run.diagnose(
            "attempt-kept",
            "The first attempt has failed, and the call sleeps for the delay. The future of the attempt is still in memory: it may hold a \
             connection meanwhile.",
        );
    }
}

#[test]
fn a_cancellation_is_not_tried_again() {
    let run = run!("cancelled");
    let limits = Limits {
        idempotent: true,
        ..USUAL
    };
    let (world, ended) = retried(&run, limits, &[Cancelled(100), Succeeds(0)]);
    if world.starts().len() > 1 {
        run.diagnose(
            "retries-cancellation",
            "The operation was cancelled: its caller does not want it any more. It was tried again.",
        );
    }
    gave_up(
        &run,
        &ended,
        "Cancelled after 1 attempts, the last one: Some(Cancelled)",
    );
    snapshot!(run);
}

#[test]
fn a_permanent_failure_is_not_tried_again() {
    moments::a_permanent_failure(&run!());
}

#[test]
fn what_may_have_been_done_is_tried_again_only_if_it_is_idempotent() {
    let run = run!("maybe_done");
    let (world, ended) = retried(&run, USUAL, &[MaybeDone(100), Succeeds(0)]);
    if world.starts().len() > 1 {
        run.diagnose(
            "retry-not-idempotent",
            "The first request may have been carried out, and is not idempotent. It was sent again: money is transferred twice.",
        );
    }
    gave_up(
        &run,
        &ended,
        "MaybeDone after 1 attempts, the last one: Some(MaybeDone(1))",
    );
    snapshot!(run);
    let run = run!();
    let limits = Limits {
        idempotent: true,
        ..USUAL
    };
    let (_, ended) = retried(&run, limits, &[MaybeDone(100), Succeeds(0)]);
    expect(&run, &ended, &Ended::Ok(2));
}

#[test]
fn there_are_no_more_attempts_than_are_allowed() {
    moments::too_many();
}

#[test]
fn it_does_not_sleep_if_the_next_attempt_would_begin_at_the_deadline() {
    let run = run!("too_late");
    let limits = Limits {
        deadline: Some(3_000),
        ..USUAL
    };
    let (world, ended) = retried(&run, limits, &[NotDone(0)]);
    if world.millis() > 1_000 {
        run.diagnose(
            "sleeps-past-the-deadline",
            format!(
                "The second attempt failed at 1 s, the delay is 2 s, and the deadline is at 3 s. The call returned at {} ms: it has slept, \
                 although no attempt could follow.",
                world.millis()
            ),
        );
    }
    gave_up(
        &run,
        &ended,
        "Deadline after 2 attempts, the last one: Some(NotDone(2))",
    );
    snapshot!(run);
    let limits = Limits {
        deadline: Some(3_001),
        ..USUAL
    };
    let (world, _) = retried(&run!(), limits, &[NotDone(0)]);
    expect_starts(&run, &world, &[(1, 0), (2, 1_000), (3, 3_000)]);
}

#[test]
fn an_attempt_is_dropped_at_the_deadline() {
    let run = run!("dropped");
    let limits = Limits {
        deadline: Some(1_500),
        ..USUAL
    };
    let (world, ended) = retried(&run, limits, &[NotDone(0), Hangs]);
    if ended == Ended::Stuck || world.millis() > 1_500 {
        run.diagnose(
            "attempt-outlives-deadline",
            "The second attempt hangs. The deadline at 1.5 s has passed, and the call waits for the attempt.",
        );
    }
    let gives_up_with = |why: &str| ended == Ended::GaveUp(why.to_owned());
    if gives_up_with("Deadline after 2 attempts, the last one: None") {
        run.diagnose(
            "earlier-failure-forgotten",
            "The first attempt has failed, and the second was dropped at the deadline. `last` is `None`, as if no attempt had failed.",
        );
    }
    if gives_up_with("Deadline after 1 attempts, the last one: Some(NotDone(1))") {
        run.diagnose(
            "dropped-attempt-not-counted",
            "Two attempts have begun, and the second was dropped at the deadline. `attempts` is 1.",
        );
    }
    gave_up(
        &run,
        &ended,
        "Deadline after 2 attempts, the last one: Some(NotDone(1))",
    );
    expect_time(&run, &world, 1_500);
    snapshot!(run);
    let limits = Limits {
        deadline: Some(0),
        ..USUAL
    };
    let run = run!();
    let (world, ended) = retried(&run, limits, &[Hangs]);
    if world.starts().is_empty() {
        run.diagnose(
            "first-attempt-refused",
            "The deadline had passed when the call was made, and no attempt began. The first attempt begins under every policy.",
        );
    }
    if ended == Ended::Stuck {
        run.diagnose(
            "attempt-outlives-deadline",
            "The first attempt hangs. The deadline has passed, and the call waits for the attempt.",
        );
    }
    gave_up(
        &run,
        &ended,
        "Deadline after 1 attempts, the last one: None",
    );
}

#[test]
fn a_failure_in_the_moment_of_the_deadline_has_its_own_reason() {
    moments::a_failure();
}

#[test]
fn a_success_in_the_moment_of_the_deadline_is_returned() {
    moments::a_success();
}

#[test]
fn a_retry_takes_its_part_of_the_budget() {
    let run = run!("budget");
    let limits = Limits {
        budget: Some(1),
        ..USUAL
    };
    let (world, ended) = retried(&run, limits, &[NotDone(0)]);
    if world.starts().len() > 2 {
        run.diagnose(
            "budget-ignored",
            "There is one retry in the budget, and there were two.",
        );
    }
    gave_up(
        &run,
        &ended,
        "Budget after 2 attempts, the last one: Some(NotDone(2))",
    );
    expect_time(&run, &world, 1_000);
    snapshot!(run);
}

#[test]
fn only_a_retry_that_is_made_costs_something_and_a_success_brings_something() {
    for (scripts, left, why) in [
        (&[Succeeds(0)][..], 9, "one attempt, which succeeded"),
        (&[Permanent(0)], 9, "a permanent failure"),
        (&[Cancelled(0)], 9, "a cancellation"),
        (
            &[MaybeDone(0)],
            9,
            "a failure of something that is not idempotent",
        ),
        (&[NotDone(0)], 7, "three attempts, of which two are retries"),
        (
            &[NotDone(1_500)],
            8,
            "two attempts, and a third that would begin after the deadline",
        ),
    ] {
        let run = run!();
        let limits = Limits {
            budget: Some(9),
            deadline: Some(5_000),
            ..USUAL
        };
        let (world, _) = retried(&run, limits, scripts);
        if world.left.get() < left {
            run.diagnose(
                "paid-without-a-retry",
                format!(
                    "There were 9 retries in the budget, and {why}. {} are left. Expected: {left}.",
                    world.left.get()
                ),
            );
        }
        if world.left.get() != left {
            run.departs(format!(
                "There were 9 retries in the budget, and {why}. {} are left. Expected: {left}.",
                world.left.get()
            ));
        }
    }
    success_is_told(&run!());
}

#[test]
fn a_panic_passes_through_and_is_not_tried_again() {
    moments::a_panic(&run!());
    judge::a_panic_costs_nothing(&run!());
}

#[test]
fn the_backoff_is_asked_in_the_moment_of_the_failure() {
    judge::the_backoff_is_asked_at_the_failure(&run!());
}

#[test]
fn the_backoff_is_told_of_no_connection() {
    judge::the_backoff_is_told_of_no_connection(&run!());
}

#[test]
fn a_call_that_is_dropped_leaves_nothing_and_makes_no_attempt() {
    moments::dropped();
}

#[test]
fn five_thousand_attempts_are_possible() {
    moments::five_thousand(&run!());
}

#[test]
fn every_script_of_up_to_three_attempts_is_followed_as_expected() {
    judge::every_script(&run!());
}
