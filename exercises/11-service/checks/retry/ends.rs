//! Calls that are dropped, and many attempts; and every script.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use super::world::Script::{Cancelled, Hangs, MaybeDone, NotDone, Permanent, Succeeds};
use super::world::{Ended, Limits, Script, USUAL, World, reference, retried, yours};
use probe::{Recorder, Run, run};

#[test]
fn a_call_that_is_dropped_leaves_nothing_and_makes_no_attempt() {
    for polls in 0..6 {
        let run = run!();
        let world = World::new(run.recorder(), &[NotDone(500)]);
        {
            let mut call = pin!(yours(world.clone(), USUAL));
            for _ in 0..polls {
                let _ = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                let _slept = world.sim.drive(
                    world
                        .handle
                        .spawn(world.handle.sleep(Duration::from_millis(500))),
                );
            }
        }
        let made = world.starts().len();
        if polls == 1 && made == 0 {
            run.departs("The call was polled once, and no attempt has begun.");
        }
        let (attempts, timers) = (world.attempts.alive(), world.sim.event_loop().timers());
        if attempts > 0 || timers > 0 {
            run.departs(format!("The call was dropped after {polls} polls: {attempts} attempts and {timers} timers are left."));
        }
        let _stuck = world.sim.drive_to_the_end();
        if world.starts().len() > made {
            run.departs(format!(
                "The call was dropped after {polls} polls, and made another attempt."
            ));
        }
    }
}

#[test]
fn five_thousand_attempts_are_possible() {
    let run = run!();
    let limits = Limits {
        attempts: u32::MAX,
        deadline: Some(40_000_000),
        ..USUAL
    };
    let (world, ended) = run.risk(None, "5,000 attempts failed, one after the other.", || {
        retried(&Run::unnamed(), limits, &[NotDone(0)])
    });
    let made = world.starts().len();
    // 1, 2 and 4 s, and then 8 s each.
    if made != 5_003 {
        run.departs(format!("The delays are 1, 2, 4 and then 8 s, and the deadline is at 40,000 s: 5,003 attempts. {made} were made, and it ended with {ended:?}."));
    }
}

#[test]
fn every_script_of_up_to_three_attempts_is_followed_as_expected() {
    let run = run!();
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
            compare(&run, limits, &shorter, tried);
        }
        if shorter.len() < 3 && matches!(shorter.last(), Some(NotDone(_) | MaybeDone(_))) {
            scripts.extend(all.map(|next| [&shorter[..], &[next]].concat()));
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
