//! The calls of a countdown, each recorded, and what is said of a panic.

use super::super::subject::Countdown;
use probe::{Run, panics};
use probe_generators::spy_iterator;

/// Makes a countdown. Every test demands that it never panics.
#[track_caller]
pub(super) fn make(run: &Run, lane: &str, start: u32) -> Countdown {
    let call = run.recorder().enters(lane, format!("from({start})"));
    let build = || panics::expected(|| Countdown::from(start));
    let built = match start {
        u32::MAX => out_of_four_billion(run, build),
        _ => build(),
    };
    match built {
        Ok(countdown) => {
            call.returns("a countdown");
            countdown
        }
        Err(panic) => {
            drop(call);
            run.departs(format!(
                "`Countdown::from({start})` panicked: {}.",
                panic.message
            ))
        }
    }
}

/// Makes a countdown and asks it for its next number, several times.
#[track_caller]
pub(super) fn ask(run: &Run, start: u32, times: usize) -> Vec<Option<u32>> {
    let countdown = make(run, "countdown", start);
    answers(run, countdown, start, times)
}

/// Asks for the next number, several times. Every test demands that this never panics.
#[track_caller]
pub(super) fn answers(
    run: &Run,
    countdown: Countdown,
    start: u32,
    times: usize,
) -> Vec<Option<u32>> {
    let mut countdown = spy_iterator(run, "countdown", countdown);
    let answer = |call| {
        match panics::expected(|| countdown.next()) {
        Ok(answer) => answer,
        Err(panic) if call >= start as usize => run.diagnose(
            "panics-at-the-end",
            format!(
                "`next` panicked where the countdown should end: {}. There is nothing below 0, and nothing is given after 1: \
                 there the answer is `None`.",
                panic.message
            ),
        ),
        Err(panic) => run.departs(format!("`next` panicked: {}.", panic.message)),
    }
    };
    (0..times).map(answer).collect()
}

/// A step of which nothing depends on where the countdown begins, unless all the numbers are worked through.
pub(super) fn out_of_four_billion<T>(run: &Run, step: impl FnOnce() -> T) -> T {
    run.risk(
        Some("eager-start"),
        "Two numbers are asked for, out of four billion. Your code works through all of them first: it runs out of time or \
         memory before it gives one away.",
        step,
    )
}

/// The first answer that is not the right one.
pub(super) fn first_difference(answers: &[Option<u32>], right: &[Option<u32>]) -> Option<usize> {
    let wrong = (0..answers.len()).find(|&index| answers[index] != right[index])?;
    event_of(wrong)
}

/// The event with which the answer of this number, from 0, came back, after one call of `from`: a call is two events, its
/// beginning and its end.
pub(super) fn event_of(answer: usize) -> Option<usize> {
    Some(2 * answer + 3)
}
