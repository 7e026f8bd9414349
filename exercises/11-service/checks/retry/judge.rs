//! What is asked of a call and of its budget.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::super::subject::{Failed, Policy, RetryBudget, retry};
use super::world::{Ended, World};
use composition::Deadline;
use event_loop::Time;
use probe::Run;
use probe_loop::HandClock;
use service::{Backoff, Delays, NoJitter};

/// Ten calls fail once and then succeed, one after the other: ten retries less, and one more.
pub(super) fn success_is_told(run: &Run) {
    let budget = RetryBudget::new(20);
    let policy = Policy {
        attempts: 2,
        deadline: Deadline::NEVER,
        idempotent: true,
        budget: Some(&budget),
    };
    let backoff = || Backoff::new(Delays::Listed(&[]), Duration::ZERO, NoJitter);
    let clock = HandClock::at(Time::START);
    for _ in 0..10 {
        let operation = |number| {
            std::future::ready(if number == 1 {
                Err(Failed::NotDone(()))
            } else {
                Ok(())
            })
        };
        let mut call = pin!(retry(&clock, policy, backoff(), operation));
        if call.as_mut().poll(&mut Context::from_waker(Waker::noop())) != Poll::Ready(Ok(())) {
            run.departs("The delay is zero, the second attempt succeeds at once, and the first poll did not return its value.");
        }
    }
    let all = || (0..100).take_while(|_| budget.try_take()).count();
    let left = all();
    if left < 11 {
        run.diagnose(
            "success-not-told",
            format!(
                "There were 20 retries in the budget. Ten calls have succeeded, each with one retry, so 11 are left: ten successes bring one. \
                 {left} are left."
            ),
        );
    }
    for _ in 0..10 {
        let operation = |_| std::future::ready(Ok::<_, Failed<()>>(()));
        let mut call = pin!(retry(&clock, policy, backoff(), operation));
        let _ready = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
    let left = all();
    if left != 1 {
        run.diagnose(
            "success-not-told",
            format!(
                "The budget was spent. Then ten calls have succeeded, each at its first attempt: ten successes bring one retry. {left} are left."
            ),
        );
    }
}

#[track_caller]
pub(super) fn expect(run: &Run, ended: &Ended, expected: &Ended) {
    if ended != expected {
        run.departs(format!(
            "The call ended with {ended:?}. Expected: {expected:?}."
        ));
    }
}

#[track_caller]
pub(super) fn gave_up(run: &Run, ended: &Ended, expected: &str) {
    expect(run, ended, &Ended::GaveUp(expected.to_owned()));
}

#[track_caller]
pub(super) fn expect_starts(run: &Run, world: &World, expected: &[(u32, u64)]) {
    if world.starts() != expected {
        run.departs(format!(
            "Expected that the attempts begin at (number, ms): {expected:?}. They began at {:?}.",
            world.starts()
        ));
    }
}

#[track_caller]
pub(super) fn expect_time(run: &Run, world: &World, millis: u64) {
    if world.millis() != millis {
        run.departs(format!(
            "The call ended at {} ms. Expected: at {millis} ms.",
            world.millis()
        ));
    }
}
