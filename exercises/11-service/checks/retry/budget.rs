//! What a retry costs, a panic, and when the backoff is asked.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use super::super::subject::{Failed, Policy, RetryBudget, retry};
use super::judge::{expect, expect_time, gave_up, success_is_told};
use super::world::Script::{Cancelled, MaybeDone, NotDone, Panics, Permanent, Succeeds};
use super::world::{Ended, Limits, SECOND, USUAL, retried};
use composition::Deadline;
use event_loop::{Time, Timer};
use probe::{panics, run, snapshot};
use probe_loop::HandClock;
use service::{Backoff, Delays, NoJitter};

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
    let run = run!();
    let limits = Limits {
        idempotent: true,
        ..USUAL
    };
    let (world, ended) = retried(&run, limits, &[Panics, Succeeds(0)]);
    if world.starts().len() > 1 {
        run.diagnose(
            "panic-retried",
            "The operation panicked, and was tried again. A panic is a bug of the program, and no failure of the request.",
        );
    }
    expect(&run, &ended, &Ended::Panicked("boom".to_owned()));
    let run = run!();
    for panics_at in [1, 2] {
        let budget = RetryBudget::new(9);
        let policy = Policy {
            attempts: 3,
            deadline: Deadline::NEVER,
            idempotent: true,
            budget: Some(&budget),
        };
        let clock = HandClock::at(Time::START);
        let backoff = Backoff::new(Delays::Listed(&[]), Duration::ZERO, NoJitter);
        let operation = |number| async move {
            assert!(number != panics_at, "the attempt panics");
            Err::<(), _>(Failed::NotDone(()))
        };
        let _panic = panics::expected(|| {
            let mut call = pin!(retry(&clock, policy, backoff, operation));
            call.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        });
        let left = (0..100).take_while(|_| budget.try_take()).count();
        let right = 10 - panics_at as usize;
        if left != right {
            run.recorder()
                .says("attempt", format!("{panics_at} panics"));
            run.recorder()
                .says("budget", format!("has {left} retries left"));
            run.diagnose(
                "paid-without-a-retry",
                format!("There were 9 retries in the budget, and attempt {panics_at} panicked. {left} are left. Expected: {right}. A panic is not tried again."),
            );
        }
    }
}

const DELAYS: Delays = Delays::Listed(&[SECOND, Duration::from_secs(2), Duration::from_secs(4)]);

/// The seconds at which the attempts of a call began. Each takes this long, and is not done. The clock shows each second up to the 20th.
fn seconds_of_starts(takes: Duration, backoff: Backoff<NoJitter>) -> Vec<u64> {
    let clock = HandClock::at(Time::START);
    let starts = RefCell::new(Vec::new());
    let policy = Policy {
        attempts: 5,
        deadline: Deadline::NEVER,
        idempotent: true,
        budget: None,
    };
    let operation = |_| {
        starts
            .borrow_mut()
            .push(clock.now().since_start().as_secs());
        let sleep = clock.sleep(takes);
        async move {
            sleep.await;
            Err::<(), _>(Failed::NotDone(()))
        }
    };
    let mut call = pin!(retry(&clock, policy, backoff, operation));
    for _ in 0..=20 {
        let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if polled.is_ready() {
            break;
        }
        clock.advance(SECOND);
    }
    starts.take()
}

#[test]
fn the_backoff_is_asked_in_the_moment_of_the_failure() {
    let run = run!();
    let mut backoff = Backoff::new(DELAYS, 10 * SECOND, NoJitter);
    for _ in 0..3 {
        let _delay = backoff.next_delay(Time::START);
    }
    backoff.connected(Time::START);
    let starts = seconds_of_starts(10 * SECOND, backoff);
    if starts != [0, 11] {
        run.recorder()
            .says("retry", format!("begins attempts at {starts:?} s"));
        run.departs(format!(
            "The backoff of this call had seen three failures, and then a connection at 0 s, which is healthy after 10 s. The first attempt failed at \
             10 s. Asked at that moment, the backoff begins a new row: its delay is 1 s. Attempts began at {starts:?} s. Expected: [0, 11]."
        ));
    }
}

#[test]
fn the_backoff_is_told_of_no_connection() {
    let run = run!();
    let starts = seconds_of_starts(
        Duration::ZERO,
        Backoff::new(DELAYS, Duration::ZERO, NoJitter),
    );
    if starts != [0, 1, 3, 7, 11] {
        run.recorder()
            .says("retry", format!("begins attempts at {starts:?} s"));
        run.departs(format!(
            "Five attempts fail at once, with delays of 1, 2, 4 and 4 s, and every connection is healthy. Attempts began at {starts:?} s. Expected: \
             [0, 1, 3, 7, 11]. A call never tells the backoff of a connection: an attempt is none."
        ));
    }
}
