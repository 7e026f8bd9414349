//! What happens in the moment of the deadline, and to a call that is dropped.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use super::judge::{expect, expect_time, gave_up};
use super::world::Script::{Cancelled, MaybeDone, NotDone, Panics, Permanent, Succeeds};
use super::world::{Ended, Limits, USUAL, World, retried, yours};
use probe::{Run, run};

/// An attempt fails in the moment of the deadline.
pub(super) fn a_failure() {
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

/// An attempt succeeds in the moment of the deadline.
pub(super) fn a_success() {
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

/// The first attempt panics.
pub(super) fn a_panic(run: &Run) {
    let limits = Limits {
        idempotent: true,
        ..USUAL
    };
    let (world, ended) = retried(run, limits, &[Panics, Succeeds(0)]);
    if world.starts().len() > 1 {
        run.diagnose(
            "panic-retried",
            "The operation panicked, and was tried again. A panic is a bug of the program, and no failure of the request.",
        );
    }
    expect(run, &ended, &Ended::Panicked("boom".to_owned()));
}

/// The call is dropped after each number of polls.
pub(super) fn dropped() {
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

/// The first attempt fails for good.
pub(super) fn a_permanent_failure(run: &Run) {
    let limits = Limits {
        idempotent: true,
        ..USUAL
    };
    let (world, ended) = retried(run, limits, &[Permanent(100), Succeeds(0)]);
    if world.starts().len() > 1 {
        run.diagnose(
            "retries-permanent",
            "The failure is permanent: another attempt fails in the same way. There was another one.",
        );
    }
    gave_up(
        run,
        &ended,
        "Permanent after 1 attempts, the last one: Some(Permanent(1))",
    );
}

/// Every attempt fails.
pub(super) fn too_many() {
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

/// All of 5,000 attempts fail.
pub(super) fn five_thousand(run: &Run) {
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
