//! Compares a run with what its script asks for, and names what made the difference.

use super::super::subject::serve;
use super::script::{Event, Script, Seen};
use super::world::{Played, play};
use probe::{Recorder, Run};

const PERIOD_MS: u64 = 1_000;

/// Runs the program in the world of a script, and compares.
#[track_caller]
pub(super) fn judge(run: &Run, script: &Script) {
    let expected = script.expected(PERIOD_MS);
    let played = run.risk(None, "The poll of `serve` did not return.", || {
        play(run, script, |messages, timer, service| {
            serve(messages, timer, service)
        })
    });
    if played.dropped.is_none() && played.seen == expected {
        write(run.recorder(), &expected);
        return;
    }
    let place = (0..)
        .find(|place| played.seen.get(*place) != expected.get(*place))
        .unwrap_or(0);
    if let Some(message) = played.dropped {
        write(run.recorder(), &played.seen);
        run.diagnose(
            "handling-cancelled",
            format!("The future of `handle` was dropped while message {message} was in progress. The message is lost, and the count is wrong."),
        );
    }
    differ(run, &played, &expected, place)
}

/// Shows both runs, and names what made the difference where that is sure.
#[track_caller]
fn differ(run: &Run, played: &Played, expected: &[Seen], place: usize) -> ! {
    // A few lines before the difference are enough, and one behind it.
    let from = place.saturating_sub(8);
    let shown = |seen: &[Seen]| seen[from.min(seen.len())..(place + 1).min(seen.len())].to_vec();
    let (yours, right) = (shown(&played.seen), shown(expected));
    write(run.recorder(), &yours);
    if played.seen.len() <= place {
        run.recorder().lacks("serve", "nothing more happens");
    }
    let theirs = Recorder::default();
    write(&theirs, &right);
    let (mistake, sentence) = explain(played, expected, place);
    run.differs(
        mistake,
        sentence,
        run.recorder().last_event(),
        theirs.recording(),
        theirs.last_event(),
    )
}

fn explain(played: &Played, expected: &[Seen], place: usize) -> (Option<&'static str>, String) {
    let (yours, right) = (
        played.seen.get(place).copied(),
        expected.get(place).copied(),
    );
    let seen = &played.seen[..place.min(played.seen.len())];
    let in_progress = matches!(seen.last(), Some((_, Event::Begins(_))));
    let last_report = seen
        .iter()
        .rev()
        .find(|seen| matches!(seen.1, Event::Reports(_)))
        .map(|seen| seen.0);
    match (yours, right) {
        (Some((at, Event::Reports(_))), _) if in_progress => (
            Some("report-in-the-middle"),
            format!(
                "A report was made at {at} ms, while a message was being handled. It must wait until that message is finished."
            ),
        ),
        (Some((at, Event::Reports(_))), _) if last_report == Some(at) => (
            Some("ticks-in-a-burst"),
            format!(
                "Two reports were made at {at} ms. Several had become due while a message was handled; they are made as one."
            ),
        ),
        (Some((at, Event::Reports(count))), Some((due, Event::Reports(right)))) if at == due => (
            None,
            format!(
                "The report at {at} ms says that {count} messages have been handled. It is {right}."
            ),
        ),
        (_, Some((due, Event::Reports(_)))) => no_report(played, seen, due, yours),
        (Some((at, Event::Reports(_))), _) => {
            (None, format!("A report was made at {at} ms. None was due."))
        }
        (Some((at, Event::Returns)), Some((due, Event::Returns))) if at > due => (
            Some("end-noticed-late"),
            format!("The messages were at their end at {due} ms, and `serve` returned at {at} ms."),
        ),
        (None, Some((due, Event::Returns))) => (
            Some("end-noticed-late"),
            format!("The messages were at their end at {due} ms, and `serve` has not returned."),
        ),
        _ => (None, "The run is not the expected one.".to_owned()),
    }
}

/// A report is due, and something else happened.
fn no_report(
    played: &Played,
    seen: &[Seen],
    due: u64,
    yours: Option<Seen>,
) -> (Option<&'static str>, String) {
    let next = match yours {
        Some((at, Event::Reports(_))) => format!("The next one was made at {at} ms."),
        _ => format!("At {due} ms none was made."),
    };
    let late = seen
        .iter()
        .rev()
        .find(|seen| matches!(seen.1, Event::Reports(_)))
        .map(|seen| seen.0);
    let since = late.unwrap_or(0) + 1;
    let restarted = (since..=due).any(|due| played.restarted(due));
    match yours {
        Some((at, Event::Reports(_))) if late.is_some_and(|late| at == late + PERIOD_MS) => (
            Some("tick-drifts"),
            format!(
                "A report was due at {due} ms. {next} That is one second after the last report, which a message had delayed: each delay \
                 moves all later reports."
            ),
        ),
        _ if restarted => (
            Some("timer-restarted"),
            format!(
                "A report was due at {due} ms. {next} Your code had made a sleep for it and dropped that sleep before its time, when a \
                 message came. The next sleep began at zero again."
            ),
        ),
        Some((at, Event::Begins(message))) if at >= due => (
            Some("first-child-favoured"),
            format!(
                "A report was due at {due} ms, and your code began message {message} first. As long as messages are there, a report \
                 behind them waits."
            ),
        ),
        _ => (None, format!("A report was due at {due} ms. {next}")),
    }
}

fn write(recorder: &Recorder, seen: &[Seen]) {
    for (at, event) in seen {
        let (track, text) = event.shown(*at);
        recorder.says(track, text);
    }
}
