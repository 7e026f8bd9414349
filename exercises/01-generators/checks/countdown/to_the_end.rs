//! Countdowns of any length, asked to their end and beyond.

use super::super::subject::Countdown;
use probe::{Run, leaks, panics, run};

#[test]
fn every_countdown_gives_each_number_once_and_then_only_none() {
    let run = run!();
    for start in (0..=70).chain([255, 256, 257, 65_535, 65_536, 65_537]) {
        if is_right(start) {
            continue;
        }
        // Once more, to see with which answer it goes wrong.
        let mut countdown = Countdown::from(start);
        for number in (1..=start).rev() {
            expect_next(&run, start, &mut countdown, Some(number));
        }
        for asked in 0..1_000 {
            expect_end(&run, start, &mut countdown, asked);
        }
        run.departs(format!(
            "Of two countdowns from {start} one was right, and the other was not."
        ));
    }
}

/// Whether a countdown gives every number once, and then a thousand times `None`.
fn is_right(start: u32) -> bool {
    let all = || {
        let mut countdown = Countdown::from(start);
        let mut number = start;
        while number > 0 {
            if countdown.next() != Some(number) {
                return false;
            }
            number -= 1;
        }
        let mut asked = 0;
        while asked < 1_000 && countdown.next().is_none() {
            asked += 1;
        }
        asked == 1_000
    };
    panics::expected(all).unwrap_or(false)
}

/// Asks once more after the last number, and after `None` was given `asked` times.
#[track_caller]
fn expect_end(run: &Run, start: u32, countdown: &mut Countdown, asked: u32) {
    match panics::expected(|| countdown.next()) {
        Ok(None) => {}
        Ok(Some(number)) if asked > 0 => {
            run.recorder().says(
                "countdown",
                format!("next(), in a countdown from {start} → None, {asked} times"),
            );
            run.recorder().says(
                "countdown",
                format!("next() → Some({number})    expected: None"),
            );
            run.diagnose(
                "resumed-after-complete",
                format!(
                    "A countdown from {start} had ended with `None`. Asked once more after {asked} times `None`, it gave {number}."
                ),
            );
        }
        Ok(Some(number)) => {
            run.recorder().says(
                "countdown",
                format!("next(), in a countdown from {start}, after 1 → Some({number})    expected: None"),
            );
            run.departs(format!(
                "A countdown from {start} answered Some({number}) after 1 had been given; expected: None."
            ));
        }
        Err(panic) => {
            run.recorder().says(
                "countdown",
                format!("next(), in a countdown from {start} → None, {asked} times"),
            );
            run.recorder()
                .says("countdown", "next() → panics    expected: None");
            run.diagnose(
                "panics-at-the-end",
                format!(
                    "A countdown from {start} had given its last number. Asked once more after {asked} times `None`, it panicked: {}.",
                    panic.message
                ),
            );
        }
    }
}

/// Holds one answer against the expected one. Only a wrong one is recorded.
#[track_caller]
fn expect_next(run: &Run, start: u32, countdown: &mut Countdown, expected: Option<u32>) {
    let answer = panics::expected(|| countdown.next());
    if matches!(&answer, Ok(answer) if *answer == expected) {
        return;
    }
    let call = run
        .recorder()
        .enters("countdown", format!("next(), in a countdown from {start}"));
    let seen = match &answer {
        Ok(answer) => format!("{answer:?}"),
        Err(_) => "panics".to_owned(),
    };
    call.returns(format!("{seen}    expected: {expected:?}"));
    let came = match expected {
        Some(number) => format!("where {number} comes next"),
        None => "after 1 had been given".to_owned(),
    };
    let sentence =
        format!("A countdown from {start} answered {seen} {came}; expected: {expected:?}.");
    if expected.is_none() && answer.is_err() {
        run.diagnose("panics-at-the-end", sentence);
    }
    run.departs(sentence);
}

#[test]
fn a_dropped_countdown_leaves_no_memory_behind() {
    leaks::no_memory_is_left(&run!(), "countdown", || {
        let numbers = Countdown::from(3);
        let _last = numbers.last();
    });
}
