//! What is asked of a call, and every short script beside the reference.

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::super::subject::{Failed, Policy, RetryBudget, retry};
use super::world::Script::{Cancelled, Hangs, MaybeDone, NotDone, Permanent, Succeeds};
use super::world::{Ended, Limits, SECOND, Script, USUAL, World, reference, retried};
use composition::Deadline;
use event_loop::{Time, Timer};
use probe::{Recorder, Run, panics};
use probe_loop::HandClock;
use service::{Backoff, Delays, NoJitter};

pub(super) fn every_script(run: &Run) {
    let all = [
        Succeeds(0),
        Succeeds(700),
        NotDone(0),
        NotDone(11_000),
        MaybeDone(300),
        Permanent(0),
        Cancelled(0),
        Hangs,
    ];
    let policies = [
        USUAL,
        Limits {
            idempotent: true,
            ..USUAL
        },
        Limits {
            deadline: Some(1_700),
            idempotent: true,
            ..USUAL
        },
        Limits {
            attempts: 2,
            budget: Some(5),
            idempotent: true,
            ..USUAL
        },
        Limits {
            budget: Some(1),
            idempotent: true,
            ..USUAL
        },
        // Two reasons hold at once: the first of them is returned.
        Limits {
            attempts: 1,
            deadline: Some(0),
            budget: Some(0),
            ..USUAL
        },
        Limits {
            attempts: 1,
            ..USUAL
        },
    ];
    let mut scripts: Vec<Vec<Script>> = all.iter().map(|script| vec![*script]).collect();
    let (mut place, mut tried) = (0, 0);
    while let Some(shorter) = scripts.get(place).cloned() {
        place += 1;
        for limits in policies {
            if limits.attempts == 1 && shorter.len() > 1 {
                continue;
            }
            tried += 1;
            compare(run, limits, &shorter, tried);
        }
        if shorter.len() < 3 && matches!(shorter.last(), Some(NotDone(_) | MaybeDone(_))) {
            scripts.extend(all.map(|next| [&shorter[..], &[next]].concat()));
        }
    }
}

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

/// The backoff has seen failures and a connection before.
pub(super) fn the_backoff_is_asked_at_the_failure(run: &Run) {
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

/// Every connection is healthy, so each call of `connected` shows.
pub(super) fn the_backoff_is_told_of_no_connection(run: &Run) {
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

/// A panic is no failure, and no retry.
pub(super) fn a_panic_costs_nothing(run: &Run) {
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

/// Follows one script here and in the reference.
fn compare(run: &Run, limits: Limits, scripts: &[Script], tried: usize) {
    run.recorder().clear();
    let (yours, your_end) = retried(run, limits, scripts);
    let expected = Recorder::default();
    let other = World::new(&expected, scripts);
    let end = other.drive(reference(other.clone(), limits));
    let same = your_end == end && yours.starts() == other.starts() && yours.left == other.left;
    let asked = (yours.jitter.0.get(), other.jitter.0.get());
    if same && asked.0 == asked.1 && (end == Ended::Stuck || yours.millis() == other.millis()) {
        return;
    }
    let sentence = format!(
        "The attempts: {scripts:?}, with {limits:?}. They began at (number, ms): {:?}; expected: {:?}. At {} ms: {your_end:?}; expected: at \
         {} ms: {end:?}. The backoff was asked {} times; expected: {}. Found by trying {tried} runs, shortest first.",
        yours.starts(),
        other.starts(),
        yours.millis(),
        other.millis(),
        asked.0,
        asked.1
    );
    let last = |recorder: &Recorder| recorder.last_event();
    run.differs(
        None,
        sentence,
        last(run.recorder()),
        expected.recording(),
        last(&expected),
    );
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
