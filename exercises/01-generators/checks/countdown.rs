//! 1.1 countdown: an iterator is the simplest generator.

#[path = "countdown/asking.rs"]
mod asking;

// The tests below come first, and then those of these modules, in this order.
#[path = "countdown/to_the_end.rs"]
mod to_the_end;

use std::time::{Duration, Instant};

use asking::{answers, ask, event_of, first_difference, make, out_of_four_billion};
use probe::{Run, panics, run, snapshot};
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
                        "`nth(n)` passes over n numbers and gives the next one, as n calls of `next` and one more do.",
                    );
                }
            }
        }
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
    // A countdown that prints each number would meet the deadline, and is asked for fewer. No verdict depends on this clock.
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
