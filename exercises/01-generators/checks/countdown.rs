//! 1.1 countdown: an iterator is the simplest generator.

use std::time::{Duration, Instant};

use super::subject::Countdown;
use probe::{Run, leaks, panics, run, snapshot};
use probe_generators::spy_iterator;

#[test]
fn a_countdown_from_three_gives_three_two_one() {
    let run = run!("from_three");
    match ask(&run, 3, 3)[..] {
        [Some(3), Some(2), Some(1)] => snapshot!(run),
        [Some(2), Some(1), _] => run.diagnose_at(event_of(0),
            "off-by-one",
            "The first number is one too small. A step down that comes before the number is given away does this, and so does a \
             range that leaves out its own end.",
        ),
        [Some(3), Some(2), None] => run.diagnose_at(event_of(2),
            "off-by-one",
            "It ended one number too early: 1 is still given, and the end comes after it.",
        ),
        [Some(3), Some(3), _] => run.diagnose_at(event_of(1),
            "forgot-to-advance",
            "The same number came twice: nothing that the countdown itself remembers changes between one `next` and the following \
             one.",
        ),
        [Some(1), Some(2), _] | [Some(0), Some(1), _] => {
            run.departs_at(event_of(0), "This counts up. A countdown from 3 begins with 3.")
        }
        ref numbers => run.departs_at(
            first_difference(numbers, &[Some(3), Some(2), Some(1)]),
            "The first three numbers of a countdown from 3 are 3, 2 and 1.",
        ),
    }
}

#[test]
fn after_one_it_ends_and_stays_ended() {
    let run = run!("from_two_and_beyond");
    match ask(&run, 2, 6)[..] {
        [Some(2), Some(1), None, None, None, None] => snapshot!(run),
        [_, _, Some(0), ..] => run.diagnose_at(event_of(2),
            "off-by-one",
            "0 was given as a number. The last number of a countdown is 1; after it comes `None`.",
        ),
        [_, _, None, ref later @ ..] if later.iter().any(Option::is_some) => run.diagnose_at(
            later.iter().position(Option::is_some).and_then(|index| event_of(3 + index)),
            "resumed-after-complete",
            "It had ended with `None`, and then gave a number again: what it remembers at the end does not say that this is the end.",
        ),
        ref numbers => run.departs_at(
            first_difference(numbers, &[Some(2), Some(1), None, None, None, None]),
            "A countdown from 2 gives 2, 1, and after that only `None`.",
        ),
    }
}

#[test]
fn a_countdown_from_zero_gives_nothing() {
    let run = run!("from_zero");
    match ask(&run, 0, 2)[..] {
        [None, None] => snapshot!(run),
        [Some(0), ..] => run.diagnose_at(
            event_of(0),
            "off-by-one",
            "0 was given as a number. From 0 there is nothing to count.",
        ),
        ref numbers => run.departs_at(
            first_difference(numbers, &[None, None]),
            "From 0 there is nothing to count: the first answer is `None` already.",
        ),
    }
}

#[test]
fn two_countdowns_do_not_share_their_place() {
    let run = run!("two_countdowns");
    let (ours, theirs) = (make(&run, "ours", 5), make(&run, "theirs", 9));
    let (mut ours, mut theirs) = (
        spy_iterator(&run, "ours", ours),
        spy_iterator(&run, "theirs", theirs),
    );
    let numbers = [ours.next(), theirs.next(), ours.next(), theirs.next()];
    let right = [Some(5), Some(9), Some(4), Some(8)];
    if let Some(wrong) = (0..4).find(|&index| numbers[index] != right[index]) {
        // Two calls of `from` come before the first answer.
        run.diagnose_at(
            event_of(wrong + 1),
            "state-not-in-the-struct",
            "Two countdowns disturb each other: what one of them remembers is kept somewhere that both can reach.",
        );
    }
    snapshot!(run);
}

#[test]
fn a_countdown_from_four_billion_costs_no_more_than_one_from_three() {
    let run = run!("from_four_billion");
    let countdown = make(&run, "countdown", u32::MAX);
    let numbers = out_of_four_billion(&run, || answers(&run, countdown, u32::MAX, 2));
    let right = [Some(u32::MAX), Some(u32::MAX - 1)];
    if numbers != right {
        let wrong = first_difference(&numbers, &right);
        if let Some((bits, cut)) = cut_short(numbers[0]) {
            run.diagnose_at(
                wrong,
                "number-cut-short",
                format!(
                    "A countdown from u32::MAX began with {cut}, and a right one begins with 4294967295. {cut} is what is left of \
                     that number in {bits} bits."
                ),
            );
        }
        run.departs_at(
            wrong,
            "The first two numbers of a countdown from u32::MAX are u32::MAX and one less.",
        );
    }
    snapshot!(run);
    three_million_further(&run);
}

#[test]
fn its_size_hint_and_nth_agree_with_next() {
    for start in 0..=6_u32 {
        for given in 0..=start + 1 {
            let run = run!();
            let mut countdown = make(&run, "countdown", start);
            for _ in 0..given {
                let _number = panics::expected(|| countdown.next());
            }
            let left = start.saturating_sub(given) as usize;
            run.recorder()
                .says("countdown", format!("next(), {given} times"));
            let (least, most) = countdown.size_hint();
            run.recorder()
                .says("countdown", format!("size_hint() → ({least}, {most:?})"));
            if least > left || most.is_some_and(|most| most < left) {
                run.departs(format!(
                    "{left} numbers are left, and `size_hint` says that there are at least {least} and at most {most:?}. Code that makes \
                     room for them believes it."
                ));
            }
            for further in 0..=left + 1 {
                let mut copy = make(&run, "countdown", start);
                for _ in 0..given {
                    let _number = panics::expected(|| copy.next());
                }
                let number = panics::expected(|| copy.nth(further)).ok();
                let right = left.checked_sub(further).filter(|number| *number > 0);
                if number != Some(right.map(|number| number as u32)) {
                    run.recorder().says(
                        "countdown",
                        format!("nth({further}) → {number:?}    expected: Some({right:?})"),
                    );
                    run.departs(
                        "`nth` passes over that many numbers and gives the next one, as so many calls of `next` do.",
                    );
                }
            }
        }
    }
}

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

/// The first number of a countdown from `u32::MAX`, if it is what a narrower type makes of that: the number of bits, and the number.
fn cut_short(first: Option<u32>) -> Option<(u32, String)> {
    match first {
        Some(255) => Some((8, "255".to_owned())),
        Some(65_535) => Some((16, "65535".to_owned())),
        _ => None,
    }
}

/// A list of the first numbers is not enough: the countdown goes on where such a list ends.
#[track_caller]
fn three_million_further(run: &Run) {
    const FURTHER: u32 = 3_000_000;
    run.recorder().clear();
    let mut countdown = make(run, "countdown", u32::MAX);
    let mut given = 0;
    let since = Instant::now();
    // One that prints each number would meet the deadline: so many are enough then. No verdict depends on this clock.
    let mut is_enough = false;
    let walked = panics::expected(|| {
        while !is_enough && countdown.next() == Some(u32::MAX - given) {
            given += 1;
            let is_slow = given.is_multiple_of(1_000) && since.elapsed() > Duration::from_secs(1);
            is_enough = given == FURTHER || is_slow;
        }
    });
    if is_enough && walked.is_ok() {
        return;
    }
    run.recorder().says(
        "countdown",
        format!("gives {given} numbers, one after the other"),
    );
    let last = panics::expected(|| countdown.next());
    run.recorder().says(
        "countdown",
        format!(
            "the next answer is not Some({})    expected: Some({})",
            u32::MAX - given,
            u32::MAX - given
        ),
    );
    if matches!(last, Ok(None)) {
        run.diagnose(
            "fixed-capacity",
            format!(
                "A countdown from u32::MAX gave {given} numbers and ended. A countdown that remembers one number goes on as long as it \
                 is asked; a list that was made before holds what was put into it."
            ),
        );
    }
    run.departs(format!(
        "After {given} numbers of a countdown from u32::MAX came something else than the next one."
    ));
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

/// Asks once more after the last number, and after so many times `None`.
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

/// Makes a countdown. Every test demands that it never panics.
#[track_caller]
fn make(run: &Run, lane: &str, start: u32) -> Countdown {
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

/// A step of which nothing depends on where the countdown begins, unless all the numbers are worked through.
fn out_of_four_billion<T>(run: &Run, step: impl FnOnce() -> T) -> T {
    run.risk(
        Some("eager-start"),
        "Two numbers are asked for, out of four billion. Your code works through all of them first: it runs out of time or \
         memory before it gives one away.",
        step,
    )
}

/// Makes a countdown and asks it for its next number, several times.
#[track_caller]
fn ask(run: &Run, start: u32, times: usize) -> Vec<Option<u32>> {
    let countdown = make(run, "countdown", start);
    answers(run, countdown, start, times)
}

/// Asks for the next number, several times. Every test demands that this never panics.
#[track_caller]
fn answers(run: &Run, countdown: Countdown, start: u32, times: usize) -> Vec<Option<u32>> {
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

/// The first answer that is not the right one.
fn first_difference(answers: &[Option<u32>], right: &[Option<u32>]) -> Option<usize> {
    let wrong = (0..answers.len()).find(|&index| answers[index] != right[index])?;
    event_of(wrong)
}

/// The event with which the answer of this number, from 0, came back, after one call of `from`: a call is two events, its
/// beginning and its end.
fn event_of(answer: usize) -> Option<usize> {
    Some(2 * answer + 3)
}

#[test]
fn a_dropped_countdown_leaves_no_memory_behind() {
    leaks::no_memory_is_left(&run!(), "countdown", || {
        let numbers = Countdown::from(3);
        let _last = numbers.last();
    });
}
