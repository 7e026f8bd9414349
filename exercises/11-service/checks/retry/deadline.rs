//! The deadline, before, in and after an attempt.

use super::judge::{expect, expect_starts, expect_time, gave_up};
use super::world::Script::{Cancelled, Hangs, MaybeDone, NotDone, Permanent, Succeeds};
use super::world::{Ended, Limits, USUAL, retried};
use probe::{run, snapshot};

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
    for (script, deadline, attempts, expected) in [
        (
            Permanent(1_500),
            1_500,
            3,
            "Permanent after 1 attempts, the last one: Some(Permanent(1))",
        ),
        (
            Cancelled(0),
            0,
            3,
            "Cancelled after 1 attempts, the last one: Some(Cancelled)",
        ),
        (
            MaybeDone(1_500),
            1_500,
            3,
            "MaybeDone after 1 attempts, the last one: Some(MaybeDone(1))",
        ),
        (
            NotDone(1_500),
            1_500,
            1,
            "Attempts after 1 attempts, the last one: Some(NotDone(1))",
        ),
    ] {
        let run = run!();
        let limits = Limits {
            deadline: Some(deadline),
            attempts,
            ..USUAL
        };
        let (_, ended) = retried(&run, limits, &[script]);
        if let Ended::GaveUp(why) = &ended
            && why.starts_with("Deadline")
        {
            run.diagnose(
                "deadline-over-failure",
                format!(
                    "The attempt failed at {deadline} ms, in the poll in which the deadline passed: {script:?}. The call gave up because of the \
                     deadline. Expected: {expected}."
                ),
            );
        }
        gave_up(&run, &ended, expected);
    }
}

#[test]
fn a_success_in_the_moment_of_the_deadline_is_returned() {
    for (deadline, millis) in [(1_500, 1_500), (0, 0)] {
        let run = run!();
        let limits = Limits {
            deadline: Some(deadline),
            ..USUAL
        };
        let (_, ended) = retried(&run, limits, &[Succeeds(millis)]);
        if let Ended::GaveUp(_) = ended {
            run.diagnose(
                "deadline-before-result",
                format!("The attempt succeeded at {deadline} ms, in the poll in which the deadline passed, and its value was thrown away."),
            );
        }
        expect(&run, &ended, &Ended::Ok(1));
    }
}
