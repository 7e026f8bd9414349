//! 1.4 in-turn: delegation to one generator, and then to another.

use super::subject::InTurn;
use generators::{Generator, Step};
use probe::{Run, What, panics, run, snapshot};
use probe_generators::{Heard, Script, Spy, laws, script, spy};

/// The generators that these checks hand over hear numbers, yield numbers and complete with words.
type Part = Spy<Script<i32, i32, &'static str>>;
type Both = InTurn<Part, Part, &'static str>;

#[test]
fn neither_is_resumed_while_it_is_built() {
    let run = run!();
    let (first, second) = (part(&run, "first", [10]).0, part(&run, "second", [20]).0);
    drop(laws::does_nothing_until_resumed(&run, || {
        Both::new(first, second)
    }));
}

#[test]
fn the_first_one_runs_to_its_end_and_then_the_second() {
    let run = run!("two_and_one");
    let (first, second) = (
        part(&run, "first", [10, 11]).0,
        part(&run, "second", [20]).0,
    );
    let steps = drive(&run, InTurn::new(first, second), [1, 2, 3, 4]);
    if yields(&steps) != [10, 11, 20] {
        run.departs("The yields should be those of the first one, 10 and 11, and then that of the second one, 20.");
    }
    if steps.last() != Some(&Step::Complete(("first is done", "second is done"))) {
        run.departs("When the second one completes, both return values come back: the first one's and its own.");
    }
}

#[test]
fn what_is_sent_reaches_the_one_that_runs() {
    let run = run!("two_and_one");
    let (first, first_heard) = part(&run, "first", [10, 11]);
    let (second, second_heard) = part(&run, "second", [20]);
    drive(&run, InTurn::new(first, second), [1, 2, 3, 4]);
    heard(&run, "first", &first_heard, &[1, 2, 3]);
    heard(&run, "second", &second_heard, &[0, 4]);
    snapshot!(run);
}

#[test]
fn the_second_one_starts_in_the_call_in_which_the_first_completes() {
    let run = run!();
    let (first, second) = (part(&run, "first", []).0, part(&run, "second", [20]).0);
    match drive(&run, InTurn::new(first, second), [1])[..] {
        [Step::Yielded(20)] => {}
        _ => run.departs("The first one completed in this call without a yield, so the call should go on to the second one's 20."),
    }
}

#[test]
fn two_that_complete_at_once_make_one_that_completes_at_once() {
    let run = run!();
    let (first, second) = (part(&run, "first", []).0, part(&run, "second", []).0);
    match drive(&run, InTurn::new(first, second), [1])[..] {
        [Step::Complete(("first is done", "second is done"))] => {}
        _ => run.departs("Neither of the two yields, so the very first call should complete with both return values."),
    }
}

#[test]
fn resumed_after_both_have_completed_it_panics() {
    let run = run!();
    let (first, second) = (part(&run, "first", [10]).0, part(&run, "second", []).0);
    let mut both = spy(&run, "both", InTurn::new(first, second));
    laws::drive(&mut both, [1, 2]);
    laws::stays_complete(&run, &mut both, 3);
}

fn part<const N: usize>(run: &Run, lane: &'static str, yields: [i32; N]) -> (Part, Heard<i32>) {
    let returns = if lane == "first" {
        "first is done"
    } else {
        "second is done"
    };
    let script = script(yields, returns);
    let heard = script.heard();
    (spy(run, lane, script), heard)
}

/// Resumes it with each value in turn, until it completes or the values run out. It must not panic meanwhile.
#[track_caller]
fn drive<const N: usize>(
    run: &Run,
    both: Both,
    values: [i32; N],
) -> Vec<Step<i32, (&'static str, &'static str)>> {
    let mut both = spy(run, "both", both);
    let mut steps = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        match panics::expected(|| both.resume(value)) {
            Ok(step) => steps.push(step),
            Err(panic) if index > 0 && nobody_was_resumed(run) => run.diagnose(
                "state-left-taken",
                format!(
                    "`resume` panicked ({}) before it resumed anybody, although the call before had yielded: what that call took \
                     out of `self`, it did not put back.",
                    panic.message
                ),
            ),
            Err(panic) => run.departs(format!(
                "`resume` panicked although the two are not both complete: {}.",
                panic.message
            )),
        }
        if let Some(Step::Complete(_)) = steps.last() {
            break;
        }
    }
    steps
}

/// Whether the newest call ended without a call to one of the two in it.
fn nobody_was_resumed(run: &Run) -> bool {
    let recording = run.recorder().recording();
    let newest = recording.events.iter().rev().take(2);
    newest.filter(|event| event.lane == "both").count() == 2
}

#[track_caller]
fn heard(run: &Run, lane: &str, heard: &Heard<i32>, right: &[i32]) {
    let heard = heard.borrow();
    if let Some(wrong) = (0..heard.len()).find(|&index| heard.get(index) != right.get(index)) {
        run.diagnose_at(
            resume_of(run, lane, wrong),
            "lost-resume-argument",
            format!(
                "The {lane} one was resumed with {heard:?} and should have been resumed with {right:?}. What the caller sends \
                 belongs to whichever of the two is running; only the value that starts the second one is `Sent::default()`, \
                 here 0.",
            ),
        );
    }
}

/// The event with which the resume of this number, from 0, of one of the two came back.
fn resume_of(run: &Run, lane: &str, number: usize) -> Option<usize> {
    let events = run.recorder().recording().events;
    let mut ends = (0..events.len()).filter(|&index| {
        events[index].lane == lane && matches!(events[index].what, What::Leaves(_))
    });
    ends.nth(number)
}

fn yields(steps: &[Step<i32, (&'static str, &'static str)>]) -> Vec<i32> {
    let value = |step: &Step<i32, _>| match step {
        Step::Yielded(value) => Some(*value),
        Step::Complete(_) => None,
    };
    steps.iter().filter_map(value).collect()
}
