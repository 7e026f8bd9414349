//! 11.8 retry: what may be tried again.

#[path = "retry/judge.rs"]
mod judge;
#[path = "retry/world.rs"]
mod world;

// The tests below come first, and then those of these modules, in this order.
#[path = "retry/deadline.rs"]
mod deadline;

#[path = "retry/budget.rs"]
mod budget;

#[path = "retry/ends.rs"]
mod ends;

use std::pin::pin;
use std::task::{Context, Waker};

use judge::{expect, expect_starts, expect_time, gave_up};
use probe::{run, snapshot};
use world::Script::{Cancelled, MaybeDone, NotDone, Permanent, Succeeds};
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
    let run = run!();
    let limits = Limits {
        idempotent: true,
        ..USUAL
    };
    let (world, ended) = retried(&run, limits, &[Permanent(100), Succeeds(0)]);
    if world.starts().len() > 1 {
        run.diagnose(
            "retries-permanent",
            "The failure is permanent: another attempt fails in the same way. There was another one.",
        );
    }
    gave_up(
        &run,
        &ended,
        "Permanent after 1 attempts, the last one: Some(Permanent(1))",
    );
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
    for (attempts, made) in [(3, 3), (2, 2), (1, 1), (0, 1)] {
        let run = run!();
        let limits = Limits { attempts, ..USUAL };
        let (world, ended) = retried(&run, limits, &[NotDone(0)]);
        if world.starts().len() > made {
            run.diagnose(
                "attempt-too-many",
                format!(
                    "{attempts} attempts are allowed, the first one included, and {} were made.",
                    world.starts().len()
                ),
            );
        }
        gave_up(
            &run,
            &ended,
            &format!("Attempts after {made} attempts, the last one: Some(NotDone({made}))"),
        );
        let asked = world.jitter.0.get();
        if asked + 1 > made {
            run.diagnose(
                "delay-drawn-for-nothing",
                format!(
                    "{attempts} attempts are allowed. The backoff was asked for {asked} delays: no attempt follows the last of them."
                ),
            );
        }
        expect_time(&run, &world, [0, 1_000, 3_000][made - 1]);
    }
}
