//! 1.4 in-turn: delegation to one generator, and then to another.

use super::subject::InTurn;
use generators::{Generator, Step};
use probe::{Event, Run, What, panics, run, snapshot};
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

/// Sent to a part that is to panic.
const PANIC: usize = 1_000;

/// A part that owns a value until it completes with it.
struct Owning {
    left: usize,
    panics: bool,
    result: Option<probe::detect::Token>,
}

impl Generator<usize> for Owning {
    type Yield = ();
    type Return = Option<probe::detect::Token>;

    fn resume(&mut self, sent: usize) -> Step<(), Option<probe::detect::Token>> {
        assert!(!(self.panics && sent == PANIC), "a part panics");
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Step::Yielded(())
            }
            None => Step::Complete(self.result.take()),
        }
    }
}

fn as_index(number: i32) -> usize {
    usize::try_from(number).expect("it is small and positive")
}

type Two<T> = (T, T);

fn parts(run: &Run, first: &[i32], second: &[i32]) -> (Two<Part>, Two<Heard<i32>>) {
    let make = |track, yields: &[i32], returns| {
        let script = script(yields.iter().copied(), returns);
        let heard = script.heard();
        (spy(run, track, script), heard)
    };
    let (one, by_one) = make("first", first, "first is done");
    let (two, by_two) = make("second", second, "second is done");
    ((one, two), (by_one, by_two))
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

/// Resumes it with each value in turn, until it completes or the values run out. It must not panic meanwhile, and each must be
/// resumed in its turn; `yields` is what the two yield. What they are resumed with is for [`heard`].
#[track_caller]
fn drive<const N: usize>(run: &Run, both: Both, values: [i32; N], yields: &[&[i32]; 2]) {
    drive_all(run, both, &values, yields);
}

#[track_caller]
fn drive_all(run: &Run, both: Both, values: &[i32], yields: &[&[i32]; 2]) {
    let mut both = spy(run, "both", both);
    for &value in values {
        match panics::expected(|| both.resume(value)) {
            Ok(Step::Yielded(_)) => {}
            Ok(Step::Complete(_)) => break,
            Err(panic) => {
                let events = run.recorder().recording().events;
                expect(run, &events[..events.len() - 1], yields);
                explain_panic(run, &events, &panic.message);
            }
        }
    }
    let events = run.recorder().recording().events;
    expect(run, &events, yields);
    if events.len() < right_order(yields).len() {
        run.departs("It neither yielded again nor completed.");
    }
}

/// Says what is known to make `resume` panic where all was well until then.
#[track_caller]
fn explain_panic(run: &Run, events: &[Event], message: &str) -> ! {
    let call = newest_call(events);
    match &events[call..] {
        [_entered, _panicked] if call > 0 => run.diagnose(
            "state-left-taken",
            format!(
                "`resume` panicked ({message}) before it resumed a part, although the call before had yielded: what that call took \
                 out of `self`, it did not put back."
            ),
        ),
        [_, resumed, ended, _] if resumed.track == "second" && completes(ended) && both_results_survive_one_call() => run.diagnose(
            "state-left-taken",
            format!(
                "The second one completed, and `resume` panicked ({message}). What the first one completed with was there when the \
                 second one began, and is not there at its end: a call in between took it out of `self`, and did not put it back."
            ),
        ),
        _ => run.departs(format!(
            "`resume` panicked although the two are not both complete: {message}."
        )),
    }
}

/// Whether both results come back where the second one completes in the call in which it begins.
fn both_results_survive_one_call() -> bool {
    let run = run!();
    let (first, second) = (part(&run, "first", []).0, part(&run, "second", []).0);
    let mut both = Both::new(first, second);
    matches!(
        panics::expected(|| both.resume(1)),
        Ok(Step::Complete(("first is done", "second is done")))
    )
}

/// Holds what was resumed, and what came back, against the only right order.
#[track_caller]
fn expect(run: &Run, events: &[Event], yields: &[&[i32]; 2]) {
    let right = right_order(yields);
    let seen: Vec<(&str, &str)> = events.iter().map(end_of).collect();
    let differs = |&index: &usize| right.get(index) != Some(&seen[index]);
    let Some(wrong) = (0..seen.len()).find(differs) else {
        return;
    };
    let (before, (lane, end)) = (seen[wrong.saturating_sub(1)], seen[wrong]);
    if before.0 != "both" && before.1.starts_with("yields") {
        explain_swallowed(run, wrong, before, (lane, end));
    }
    let first_is_done = events[..wrong]
        .iter()
        .any(|event| event.track == "first" && completes(event));
    let sentence = match (lane, right.get(wrong)) {
        ("second", _) if !first_is_done => {
            "The second one was resumed before the first one had completed.".to_owned()
        }
        ("both", Some((lane, ""))) => {
            format!(
                "The call came back with \"{end}\", where it should have gone on to resume the {lane} one."
            )
        }
        ("both", Some((_, right))) => format!(
            "The call came back with \"{end}\", and should have come back with \"{right}\"."
        ),
        _ => format!("It is not the turn of the {lane} one."),
    };
    run.departs_at(Some(wrong), sentence);
}

/// One of the two yielded, and the call did not bring that yield out.
#[track_caller]
fn explain_swallowed(run: &Run, wrong: usize, yielded: (&str, &str), next: (&str, &str)) -> ! {
    let what_next = match next {
        ("both", end) => format!("the call came back with \"{end}\""),
        (lane, _) if lane == yielded.0 => "the same call resumed it once more".to_owned(),
        (lane, _) => format!("the same call went on to resume the {lane} one"),
    };
    run.diagnose_at(
        Some(wrong),
        "swallowed-yield",
        format!(
            "The {} one {}, and {what_next}. A delegate that yields has a question for the caller, and only the caller can answer \
             it.",
            yielded.0,
            yielded.1.replacen("yields", "yielded", 1),
        ),
    )
}

/// The lane of an event, and how the call ended that ends there; nothing where it begins.
fn end_of(event: &Event) -> (&str, &str) {
    match &event.what {
        What::Leaves(end) => (&event.track, end),
        _ => (&event.track, ""),
    }
}

fn completes(event: &Event) -> bool {
    end_of(event).1.starts_with("completes")
}

/// The event with which the newest call of the caller's begins.
fn newest_call(events: &[Event]) -> usize {
    let begins = |event: &Event| event.track == "both" && matches!(event.what, What::Enters(_));
    events.iter().rposition(begins).unwrap_or(0)
}

/// Every event of the expected run, as [`end_of`] shows it.
fn right_order(yields: &[&[i32]; 2]) -> Vec<(&'static str, &'static str)> {
    let text = |number: i32| -> &'static str { format!("yields {number}").leak() };
    let mut right = vec![("both", "")];
    for (part, end, yields) in [
        ("first", "completes with \"first is done\"", yields[0]),
        ("second", "completes with \"second is done\"", yields[1]),
    ] {
        for &number in yields {
            right.extend([
                (part, ""),
                (part, text(number)),
                ("both", text(number)),
                ("both", ""),
            ]);
        }
        right.extend([(part, ""), (part, end)]);
    }
    right.push((
        "both",
        "completes with (\"first is done\", \"second is done\")",
    ));
    right
}

#[track_caller]
fn heard(run: &Run, lane: &str, heard: &Heard<i32>, right: &[i32]) {
    let heard = heard.borrow();
    if lane == "second" && heard.first().is_some_and(|&start| start != 0) {
        run.departs_at(
            resume_of(run, lane, 0),
            format!(
                "The second one was started with {}. That was the caller's answer to the first one, which has had it; the second one \
                 has asked nothing yet, and is started with `Sent::default()`, here 0.",
                heard[0]
            ),
        );
    }
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
        events[index].track == lane && matches!(events[index].what, What::Leaves(_))
    });
    ends.nth(number)
}
