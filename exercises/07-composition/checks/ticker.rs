//! ticker: messages, and a report once a second.

use std::time::Duration;

use super::subject::{PERIOD, Service, serve};
use probe::random::Random;
use probe::{Recorder, Run, run, snapshot};

#[path = "ticker/world.rs"]
mod world;

use world::{Event, Played, Script, Seen, play};

#[test]
fn on_a_quiet_day_there_is_a_report_each_second() {
    let run = run!("a_quiet_day");
    if PERIOD != Duration::from_secs(1) {
        run.departs(format!("`PERIOD` is {PERIOD:?}, and it was 1s."));
    }
    judge(
        &run,
        &Script {
            end: 3_500,
            ..Script::default()
        },
    );
    snapshot!(run);
}

#[test]
fn a_message_does_not_put_off_the_next_report() {
    let run = run!("a_busy_day");
    let messages = vec![(400, 0); 5];
    judge(
        &run,
        &Script {
            messages,
            end: 500,
            ..Script::default()
        },
    );
    snapshot!(run);
}

#[test]
fn a_report_that_a_message_has_delayed_does_not_delay_those_after_it() {
    let run = run!("one_is_late");
    judge(
        &run,
        &Script {
            messages: vec![(900, 300)],
            end: 2_300,
            ..Script::default()
        },
    );
    snapshot!(run);
}

#[test]
fn reports_that_are_due_during_one_message_are_made_as_one_when_it_is_finished() {
    let run = run!();
    judge(
        &run,
        &Script {
            messages: vec![(500, 3_000)],
            end: 4_000,
            ..Script::default()
        },
    );
}

#[test]
fn a_due_report_comes_before_the_next_message() {
    let run = run!();
    judge(
        &run,
        &Script {
            messages: vec![(0, 300); 12],
            end: 0,
            ..Script::default()
        },
    );
    let run = run!();
    // The message and the report are there in the same moment.
    judge(
        &run,
        &Script {
            messages: vec![(1_000, 0), (1_000, 500)],
            end: 1_000,
            ..Script::default()
        },
    );
}

#[test]
fn it_returns_as_soon_as_the_messages_are_at_their_end() {
    for (messages, end) in [
        (vec![], 0),
        (vec![], 250),
        (vec![(100, 50)], 0),
        (vec![(700, 600)], 200),
    ] {
        judge(
            &run!(),
            &Script {
                messages,
                end,
                ..Script::default()
            },
        );
    }
}

#[test]
fn the_first_report_is_due_one_second_after_the_first_poll() {
    for start in [1, 250, 999, 5_001] {
        judge(
            &run!(),
            &Script {
                start,
                messages: vec![(300, 10)],
                end: 2_000,
                ..Script::default()
            },
        );
    }
}

#[test]
fn a_spurious_poll_changes_nothing() {
    let spurious = (1..40).map(|time| time * 77).collect();
    judge(
        &run!(),
        &Script {
            messages: vec![(400, 0), (450, 900)],
            end: 1_800,
            spurious,
            ..Script::default()
        },
    );
}

#[test]
fn an_hour_of_messages_has_3600_reports() {
    let messages = vec![(700, 130); 5_142];
    judge(
        &run!(),
        &Script {
            messages,
            end: 1_300,
            ..Script::default()
        },
    );
    judge(
        &run!(),
        &Script {
            end: 3_600_000,
            ..Script::default()
        },
    );
}

/// Every script of up to two messages with these gaps and lengths, and some longer ones.
#[test]
fn in_every_short_script_each_report_is_made_in_its_time() {
    const GAPS: [u64; 5] = [0, 400, 1_000, 1_300, 2_600];
    const TAKES: [u64; 4] = [0, 600, 1_000, 2_300];
    const ENDS: [u64; 3] = [0, 400, 1_000];
    let letters: Vec<(u64, u64)> = GAPS
        .into_iter()
        .flat_map(|gap| TAKES.map(|takes| (gap, takes)))
        .collect();
    let mut scripts: Vec<Vec<(u64, u64)>> = vec![Vec::new()];
    for length in 0..2 {
        let longer: Vec<_> = scripts
            .iter()
            .filter(|script| script.len() == length)
            .cloned()
            .collect();
        scripts.extend(longer.iter().flat_map(|script| {
            letters
                .iter()
                .map(|letter| [&script[..], &[*letter]].concat())
        }));
    }
    for messages in scripts {
        for end in ENDS {
            judge(
                &run!(),
                &Script {
                    messages: messages.clone(),
                    end,
                    ..Script::default()
                },
            );
        }
    }
    let mut random = Random::seeded(74);
    for _ in 0..100 {
        let messages = (0..12).map(|_| *random.pick(&letters)).collect();
        let spurious = (0..10)
            .map(|time| time * 250 + random.below(250) as u64)
            .collect();
        judge(
            &run!(),
            &Script {
                start: 30,
                messages,
                end: 700,
                spurious,
            },
        );
    }
}

const PERIOD_MS: u64 = 1_000;

/// Runs the program in the world of a script, and compares.
#[track_caller]
fn judge(run: &Run, script: &Script) {
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
