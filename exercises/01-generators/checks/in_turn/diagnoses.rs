//! What is said of a wrong order, a wrong result and a panic.

use super::parts::{Both, part, resume_of};
use generators::{Generator, Step};
use probe::{Event, Run, What, panics, run};
use probe_generators::Heard;

/// Says what is known to make `resume` panic where all was well until then.
#[track_caller]
pub(super) fn explain_panic(run: &Run, events: &[Event], message: &str) -> ! {
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
pub(super) fn expect(run: &Run, events: &[Event], yields: &[&[i32]; 2]) {
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
pub(super) fn right_order(yields: &[&[i32]; 2]) -> Vec<(&'static str, &'static str)> {
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
pub(super) fn heard(run: &Run, lane: &str, heard: &Heard<i32>, right: &[i32]) {
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
