//! 1.1 countdown: an iterator is the simplest generator.

use super::subject::Countdown;
use probe::{Run, panics, run, snapshot};
use probe_generators::spy_iterator;

#[test]
fn a_countdown_from_three_gives_three_two_one() {
    let run = run!("from_three");
    match ask(&run, Countdown::from(3), 3)[..] {
        [Some(3), Some(2), Some(1)] => snapshot!(run),
        [Some(2), Some(1), _] => run.diagnose(
            "off-by-one",
            "The first number is one too small: the step down happens before the number is given away.",
        ),
        [Some(3), Some(3), _] => run.diagnose(
            "forgot-to-advance",
            "The same number came twice: nothing that is remembered changes between one `next` and the next.",
        ),
        [Some(1), Some(2), _] | [Some(0), Some(1), _] => {
            run.departs("This counts up. A countdown from 3 begins with 3.")
        }
        _ => run.departs("The first three numbers of a countdown from 3 are 3, 2 and 1."),
    }
}

#[test]
fn after_one_it_ends_and_stays_ended() {
    let run = run!("from_two_and_beyond");
    match ask(&run, Countdown::from(2), 6)[..] {
        [Some(2), Some(1), None, None, None, None] => snapshot!(run),
        [_, _, Some(0), ..] => run.diagnose(
            "off-by-one",
            "0 was given as a number. The last number of a countdown is 1; after it comes `None`.",
        ),
        [_, _, None, .., Some(_)]
        | [_, _, None, _, Some(_), _]
        | [_, _, None, Some(_), _, _] => run.diagnose(
            "resumed-after-complete",
            "It had ended with `None`, and then gave a number again. The end is not remembered.",
        ),
        _ => run.departs("A countdown from 2 gives 2, 1, and after that only `None`."),
    }
}

#[test]
fn a_countdown_from_zero_gives_nothing() {
    let run = run!();
    match ask(&run, Countdown::from(0), 2)[..] {
        [None, None] => {}
        [Some(0), ..] => run.diagnose(
            "off-by-one",
            "0 was given as a number. From 0 there is nothing to count.",
        ),
        _ => run.departs("From 0 there is nothing to count: the first answer is `None` already."),
    }
}

#[test]
fn two_countdowns_do_not_share_their_place() {
    let run = run!();
    let mut ours = spy_iterator(&run, "ours", Countdown::from(5));
    let mut theirs = spy_iterator(&run, "theirs", Countdown::from(9));
    let numbers = [ours.next(), theirs.next(), ours.next(), theirs.next()];
    if numbers != [Some(5), Some(9), Some(4), Some(8)] {
        run.diagnose(
            "state-not-in-the-struct",
            "Two countdowns disturb each other: what one of them remembers is kept somewhere that both can reach.",
        );
    }
}

#[test]
fn a_countdown_from_four_billion_costs_no_more_than_one_from_three() {
    let run = run!();
    let numbers = run.risk(
        Some("eager-start"),
        "Two numbers were asked for, out of four billion. Your code works through all of them first: it runs out of time or \
         memory before it gives one away.",
        || ask(&run, Countdown::from(u32::MAX), 2),
    );
    if numbers != [Some(u32::MAX), Some(u32::MAX - 1)] {
        run.departs(
            "The first two numbers of a countdown from u32::MAX are u32::MAX and one less.",
        );
    }
}

/// Asks a countdown for its next number, several times. That it never panics is part of every promise.
fn ask(run: &Run, countdown: Countdown, times: usize) -> Vec<Option<u32>> {
    let mut countdown = spy_iterator(run, "countdown", countdown);
    let answer = |_| match panics::expected(|| countdown.next()) {
        Ok(answer) => answer,
        Err(panic) => run.diagnose(
            "panics-at-the-end",
            format!(
                "`next` panicked: {}. There is nothing below 0: at the end the answer is `None`.",
                panic.message
            ),
        ),
    };
    (0..times).map(answer).collect()
}
