//! How many attempts one iteration allows, and every short run.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::pin;

use super::super::subject::{BUDGET, Readiness};
use super::machine::{SEED, Socket};
use super::moves::{KNOWN, MOVES};
use super::reader::Endless;
use probe::runs::Search;
use probe::{Recorder, run};
use probe_futures::poller;
use reactor::Readiness as Reference;

#[test]
fn a_peer_that_never_stops_does_not_keep_the_thread() {
    let run = run!();
    let reader = Endless::new(&run);
    reader.expect_a_pause(2);
    if reader.task.wakes() == 0 {
        run.diagnose(
            "budget-without-a-wake",
            "The budget was used up, `poll_io` was pending, and the task was not woken. More bytes can be read, and the kernel reported \
             them before: no later event will wake the task.",
        );
    }
}

#[test]
fn each_iteration_has_its_own_budget() {
    let run = run!();
    let reader = Endless::new(&run);
    for turn in 2..6 {
        let wakes = reader.task.wakes();
        reader.expect_a_pause(turn);
        if reader.tries.take() > 0 {
            continue;
        }
        // With a used-up budget the poll wakes its task; with a drained direction it does not.
        if reader.task.wakes() > wakes {
            run.diagnose(
                "budget-never-renewed",
                format!("Iteration {turn} has begun, and `poll_io` made no attempt in it: it counts with the used-up budget of an earlier iteration."),
            );
        }
        run.diagnose(
            "stopped-before-wouldblock",
            format!(
                "Iteration {turn} has begun, and `poll_io` made no attempt in it: the task waits for an event. In the iteration before, the \
                 budget was used up, and no attempt returned `WouldBlock`. More bytes can be read, and the kernel reported them before.",
            ),
        );
    }
}

/// Polls up to `polls` times in iteration 1, until a poll is pending, and counts the attempts. Nothing is recorded.
fn attempts(readiness: &Readiness, polls: u32, outcome: impl Fn() -> io::Result<()>) -> u32 {
    let task = poller(&Recorder::default(), "task");
    let mut tries = 0;
    for _ in 0..polls {
        let poll = poll_fn(|context| {
            let attempt = || {
                tries += 1;
                outcome()
            };
            readiness.poll_io(1, context, attempt, |()| false)
        });
        if task.poll(pin!(poll)).is_pending() {
            break;
        }
    }
    tries
}

#[test]
fn each_direction_has_its_own_budget() {
    let run = run!();
    let directions = [Readiness::ready(), Readiness::ready()];
    let tries = (directions.each_ref()).map(|readiness| attempts(readiness, 2 * BUDGET, || Ok(())));
    for (name, tries) in ["one direction", "another"].into_iter().zip(tries) {
        run.recorder().says(
            name,
            format!("makes {tries} attempts in iteration 1    expected: {BUDGET}"),
        );
    }
    if tries[0] == BUDGET && tries[1] < BUDGET {
        run.diagnose(
            "budget-shared",
            format!(
                "One direction used up its {BUDGET} attempts in an iteration. Another one had {} left in it. The two share a budget: each \
                 direction of each source has its own.",
                tries[1]
            ),
        );
    }
    attempts(&Readiness::ready(), 1, || Ok(()));
    let more = attempts(&directions[0], 1, || Ok(()));
    if tries == [BUDGET, BUDGET] && more > 0 {
        (run.recorder()).says(
            "one direction",
            "makes another attempt in iteration 1    expected: none",
        );
        run.diagnose(
            "budget-shared",
            format!(
                "One direction used up its {BUDGET} attempts in an iteration, and then others made attempts. After that the first had attempts left \
                 in the same iteration. Each direction of each source counts its own.",
            ),
        );
    }
}

#[test]
fn failed_attempts_use_the_budget_too() {
    let run = run!();
    let fails = || Err(ErrorKind::ConnectionAborted.into());
    let tries = attempts(&Readiness::ready(), 2 * BUDGET, fails);
    if tries > BUDGET {
        (run.recorder()).says(
            "task",
            format!("makes {tries} attempts in iteration 1, each fails    expected: {BUDGET}"),
        );
        run.diagnose(
            "drained-without-limit",
            format!(
                "A listener whose clients are gone fails at each attempt. In one iteration `poll_io` made {tries} attempts. Expected: {BUDGET}, \
                 failed ones included.",
            ),
        );
    }
}

#[test]
fn the_end_is_found_behind_several_short_reads() {
    let run = run!();
    let readiness = Readiness::drained();
    readiness.event(true);
    (run.recorder()).says("kernel", "reports: readable, read closed");
    let task = poller(&Recorder::default(), "task");
    // The socket hands out what it has in small parts.
    for count in [3, 2, 1, 0] {
        let attempt = pin!(poll_fn(|context| {
            readiness.poll_io(1, context, || Ok(count), |count| *count < 10)
        }));
        let call = run
            .recorder()
            .enters("task", format!("can read {count} of 10 bytes"));
        if task.poll(attempt).is_ready() {
            call.returns("ready");
            continue;
        }
        call.returns("pending");
        run.diagnose(
            "eof-behind-short-read",
            "The event announced the end. A read was short, and the next attempt was not made, although the end had not been found. The kernel does \
             not report it again.",
        );
    }
}

#[test]
fn interrupted_attempts_use_the_budget_too() {
    let run = run!();
    let reader = Endless {
        interrupted: true,
        ..Endless::new(&run)
    };
    reader.expect_a_pause(2);
}

#[test]
fn every_short_run_of_events_and_reads_has_the_right_outcome() {
    Search::of(&MOVES)
        .up_to(3)
        .and_random(100, 12, SEED)
        .naming(KNOWN)
        .compare(&run!(), Socket::<Readiness>::new, Socket::<Reference>::new);
}

#[test]
fn an_iteration_of_any_number_has_its_own_budget() {
    let run = run!();
    for step in [1, 1 << 8, 1 << 16, 1 << 32, u64::MAX - 1] {
        let reader = Endless::new(&run);
        reader.expect_a_pause(1);
        reader.tries.set(0);
        let (wakes, next) = (reader.task.wakes(), 1 + step);
        reader.expect_a_pause(next);
        if reader.tries.get() == 0 && reader.task.wakes() > wakes {
            run.diagnose(
                "budget-never-renewed",
                format!(
                    "The budget of iteration 1 was used up. In iteration {next} `poll_io` made no attempt and woke the task: it took iteration \
                     {next} for iteration 1.",
                ),
            );
        }
    }
}
