//! ticker: messages, and a report once a second.

use std::time::Duration;

use super::subject::{PERIOD, Service};
use probe::random::Random;
use probe::{run, snapshot};

#[path = "ticker/script.rs"]
mod script;
#[path = "ticker/verdicts.rs"]
mod verdicts;
#[path = "ticker/world.rs"]
mod world;

use script::Script;
use verdicts::judge;

fn script(messages: Vec<(u64, u64)>, end: u64) -> Script {
    Script {
        messages,
        end,
        ..Script::default()
    }
}

#[test]
fn on_a_quiet_day_there_is_a_report_each_second() {
    let run = run!("a_quiet_day");
    if PERIOD != Duration::from_secs(1) {
        run.departs(format!("`PERIOD` is {PERIOD:?}, and it was 1s."));
    }
    judge(&run, &script(vec![], 3_500));
    snapshot!(run);
}

#[test]
fn a_message_does_not_put_off_the_next_report() {
    let run = run!("a_busy_day");
    let messages = vec![(400, 0); 5];
    judge(&run, &script(messages, 500));
    snapshot!(run);
}

#[test]
fn a_report_that_a_message_has_delayed_does_not_delay_those_after_it() {
    let run = run!("one_is_late");
    judge(&run, &script(vec![(900, 300)], 2_300));
    snapshot!(run);
}

#[test]
fn reports_that_are_due_during_one_message_are_made_as_one_when_it_is_finished() {
    let run = run!();
    judge(&run, &script(vec![(500, 3_000)], 4_000));
}

#[test]
fn a_due_report_comes_before_the_next_message() {
    let run = run!();
    judge(&run, &script(vec![(0, 300); 12], 0));
    let run = run!();
    // The message and the report are there in the same moment.
    judge(&run, &script(vec![(1_000, 0), (1_000, 500)], 1_000));
}

#[test]
fn it_returns_as_soon_as_the_messages_are_at_their_end() {
    for (messages, end) in [
        (vec![], 0),
        (vec![], 250),
        (vec![(100, 50)], 0),
        (vec![(700, 600)], 200),
    ] {
        judge(&run!(), &script(messages, end));
    }
}

#[test]
fn the_first_report_is_due_one_second_after_the_first_poll() {
    for start in [1, 250, 999, 5_001] {
        judge(
            &run!(),
            &Script {
                start,
                ..script(vec![(300, 10)], 2_000)
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
            spurious,
            ..script(vec![(400, 0), (450, 900)], 1_800)
        },
    );
}

#[test]
fn an_hour_of_messages_has_3600_reports() {
    let messages = vec![(700, 130); 5_142];
    judge(&run!(), &script(messages, 1_300));
    judge(&run!(), &script(vec![], 3_600_000));
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
            judge(&run!(), &script(messages.clone(), end));
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
                spurious,
                ..script(messages, 700)
            },
        );
    }
}
