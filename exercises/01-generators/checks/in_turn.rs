//! 1.4 in-turn: delegation to one generator, and then to another.

#[path = "in_turn/diagnoses.rs"]
mod diagnoses;
#[path = "in_turn/parts.rs"]
mod parts;

use super::subject::InTurn;
use diagnoses::heard;
use generators::{Generator, Step};
use parts::{Both, Owning, PANIC, as_index, drive, drive_all, part, parts};
use probe::{Run, leaks, run, snapshot};
use probe_generators::{laws, spy};

#[test]
fn neither_is_resumed_while_it_is_built() {
    let run = run!();
    let (first, second) = (part(&run, "first", [10]).0, part(&run, "second", [20]).0);
    let _both = laws::does_nothing_until_resumed(&run, || Both::new(first, second));
}

#[test]
fn the_first_one_runs_to_its_end_and_then_the_second() {
    let run = run!("two_and_one");
    let (first, second) = (
        part(&run, "first", [10, 11]).0,
        part(&run, "second", [20]).0,
    );
    drive(
        &run,
        InTurn::new(first, second),
        [1, 2, 3, 4],
        &[&[10, 11], &[20]],
    );
}

#[test]
fn what_is_sent_reaches_the_one_that_runs() {
    let run = run!("two_and_one");
    let (first, first_heard) = part(&run, "first", [10, 11]);
    let (second, second_heard) = part(&run, "second", [20]);
    drive(
        &run,
        InTurn::new(first, second),
        [1, 2, 3, 4],
        &[&[10, 11], &[20]],
    );
    heard(&run, "first", &first_heard, &[1, 2, 3]);
    heard(&run, "second", &second_heard, &[0, 4]);
    snapshot!(run);
}

#[test]
fn the_second_one_pauses_as_often_as_it_likes() {
    let run = run!("one_and_three");
    let (first, _) = part(&run, "first", [10]);
    let (second, second_heard) = part(&run, "second", [20, 21, 22]);
    drive(
        &run,
        InTurn::new(first, second),
        [1, 2, 3, 4, 5],
        &[&[10], &[20, 21, 22]],
    );
    heard(&run, "second", &second_heard, &[0, 3, 4, 5]);
    snapshot!(run);
}

#[test]
fn the_second_one_starts_in_the_call_in_which_the_first_completes() {
    let run = run!("none_and_one");
    let (first, second) = (part(&run, "first", []).0, part(&run, "second", [20]).0);
    drive(&run, InTurn::new(first, second), [1, 2], &[&[], &[20]]);
    snapshot!(run);
}

#[test]
fn two_that_complete_at_once_make_one_that_completes_at_once() {
    let run = run!("none_and_none");
    let (first, second) = (part(&run, "first", []).0, part(&run, "second", []).0);
    drive(&run, InTurn::new(first, second), [1], &[&[], &[]]);
    snapshot!(run);
}

#[test]
fn resumed_after_both_have_completed_it_panics() {
    let run = run!("after_the_end");
    let (first, second) = (part(&run, "first", [10]).0, part(&run, "second", []).0);
    let mut both = spy(&run, "both", InTurn::new(first, second));
    laws::drive(&mut both, [1, 2]);
    laws::stays_complete(&run, &mut both, 3);
    snapshot!(run);
}

#[test]
fn every_pair_of_short_conversations_is_passed_on() {
    for first in 0..=4 {
        for second in 0..=4 {
            let run = run!();
            let yields = [0, 1, 2, 3].map(|number| 10 + number);
            let others = [0, 1, 2, 3].map(|number| 20 + number);
            let values: Vec<i32> = (1..=first + second + 1).collect();
            let (one, two) = (&yields[..as_index(first)], &others[..as_index(second)]);
            let (parts, heard_by) = parts(&run, one, two);
            drive_all(&run, InTurn::new(parts.0, parts.1), &values, &[one, two]);
            let split = as_index(first) + 1;
            let second_hears: Vec<i32> = [0].iter().chain(&values[split..]).copied().collect();
            heard(&run, "first", &heard_by.0, &values[..split]);
            heard(&run, "second", &heard_by.1, &second_hears);
        }
    }
}

#[test]
fn wherever_it_is_dropped_nothing_of_it_is_left() {
    for first in 0..=2 {
        let run = run!();
        probe::leaks::nothing_is_left(&run, 5, |values, case| {
            let part = |yields| Owning {
                left: yields,
                panics: case.end == probe::leaks::End::Panics,
                result: Some(values.token()),
                part: values.token(),
            };
            let mut both = InTurn::new(part(first), part(2));
            for step in 0..case.steps {
                if let Step::Complete(_) = both.resume(step) {
                    return;
                }
            }
            if case.end == probe::leaks::End::Panics {
                both.resume(PANIC);
            }
        });
    }
}

#[test]
fn a_dropped_pair_leaves_no_memory_behind() {
    leaks::no_memory_is_left(&run!(), "in turn", || {
        let quiet = Run::unnamed();
        let (first, second) = (
            part(&quiet, "first", [10]).0,
            part(&quiet, "second", [20]).0,
        );
        let mut both = InTurn::new(first, second);
        while let Step::Yielded(_number) = both.resume(1) {}
    });
}
