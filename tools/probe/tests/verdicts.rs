//! How a check fails: what is diagnosed, what is written down for the command line, what is let through.

use std::path::PathBuf;
use std::process::Command;

use probe::panics::{self, Verdict, verdict_of};
use probe::report::{self, Entry};
use probe::{Diagnosis, run};

#[test]
fn a_check_that_returns_passes() {
    assert_eq!(verdict_of(|| ()), Verdict::Kept);
}

#[test]
fn a_diagnosis_carries_code_sentence_recording_and_mark() {
    let verdict = verdict_of(|| {
        let run = run!("some_run");
        run.recorder().says("a", "did something");
        run.recorder().says("b", "broke the law");
        run.diagnose("some-mistake", "This was seen.");
    });
    let Verdict::Broken(diagnosis) = verdict else {
        panic!("{verdict:?}")
    };
    assert_eq!(diagnosis.mistake.as_deref(), Some("some-mistake"));
    assert_eq!(diagnosis.marked, Some(1));
    assert_eq!(diagnosis.snapshot.as_deref(), Some("verdicts__some_run"));
    insta::assert_snapshot!(diagnosis.to_string().trim(), @r"
    your run
     1  a  did something
     2  b  broke the law   ◂── here

    some-mistake
    This was seen.

    cargo learn explain some-mistake
    ");
}

#[test]
fn a_departure_names_no_mistake() {
    let verdict = verdict_of(|| run!().departs("This was seen."));
    assert!(
        matches!(verdict, Verdict::Broken(Diagnosis { mistake: None, .. })),
        "{verdict:?}"
    );
}

#[test]
fn a_panic_that_a_contract_asks_for_is_an_error_with_its_place() {
    let caught = panics::expected(|| panic!("resumed after completion")).unwrap_err();
    assert_eq!(caught.message, "resumed after completion");
    assert!(caught.file.ends_with("verdicts.rs") && caught.line > 0);
}

#[test]
fn a_todo_is_never_taken_for_the_panic_that_a_contract_asks_for() {
    let verdict = verdict_of(|| {
        let _refused = panics::expected(|| todo!("write this"));
    });
    assert_eq!(
        verdict,
        Verdict::Unfinished("not yet implemented: write this".to_owned())
    );
}

#[test]
fn a_todo_that_is_caught_on_the_way_is_still_reported() {
    let report = in_a_process_of_its_own("catches_a_todo_if_it_is_told_to", "60");
    let [Entry::Panicked { message, .. }, Entry::Diagnosis(_), ..] = &report[..] else {
        panic!("{report:?}")
    };
    assert_eq!(message, "not yet implemented: write this");
}

/// Not a test of its own: the process that the test above starts.
#[test]
fn catches_a_todo_if_it_is_told_to() {
    if std::env::var_os(report::VARIABLE).is_none() {
        return;
    }
    let run = run!();
    let turn = panics::expected(|| {
        // As a loop does with a task.
        let _caught = std::panic::catch_unwind(|| todo!("write this"));
    });
    assert!(turn.is_ok());
    run.departs("Nothing has come of it.");
}

#[test]
fn a_verdict_is_never_taken_for_the_panic_that_a_contract_asks_for() {
    let verdict = verdict_of(|| {
        let _refused = panics::expected(|| run!().diagnose("some-mistake", "This was seen."));
    });
    assert!(matches!(verdict, Verdict::Broken(_)), "{verdict:?}");
}

#[test]
fn an_older_verdict_does_not_colour_a_newer_panic() {
    let _older = verdict_of(|| run!().departs("This was seen."));
    assert!(panics::expected(|| panic!("as the contract says")).is_err());
}

#[test]
fn the_report_of_a_whole_process_is_read_back_in_order() {
    let report = in_a_process_of_its_own("writes_every_kind_of_entry", "60");
    let kinds: Vec<&str> = report.iter().map(kind).collect();
    assert_eq!(
        kinds,
        [
            "crumb",
            "safe",
            "snapshot",
            "diagnosis",
            "panicked",
            "crumb"
        ]
    );
    let Entry::Crumb { mistake, .. } = &report[5] else {
        panic!("{report:?}")
    };
    assert_eq!(mistake.as_deref(), Some("dies-here"));
}

/// Not a test of its own: the process that the test above starts. It ends in an abort, and its report must tell why.
#[test]
fn writes_every_kind_of_entry() {
    if std::env::var_os(report::VARIABLE).is_none() {
        return;
    }
    let run = run!("report");
    run.risk(None, "nothing bad", || run.recorder().says("a", "lives"));
    probe::snapshot!(run);
    let _caught = std::panic::catch_unwind(|| run!().diagnose("some-mistake", "This was seen."));
    run.risk(Some("dies-here"), "an abort here means this", || {
        std::process::abort()
    });
}

#[test]
fn a_run_that_hangs_is_ended_by_its_watchdog_which_reports_the_call_it_hangs_in() {
    let report = in_a_process_of_its_own("hangs_if_it_is_told_to", "2");
    let [Entry::Hung { recording }] = &report[..] else {
        panic!("{report:?}")
    };
    insta::assert_snapshot!(recording, @" 1  counter  resume(1)");
}

/// Not a test of its own: the process that the test above starts.
#[test]
fn hangs_if_it_is_told_to() {
    if std::env::var_os(report::VARIABLE).is_none() {
        return;
    }
    let run = run!();
    let _call = run.recorder().enters("counter", "resume(1)");
    loop {
        std::thread::yield_now();
    }
}

#[test]
fn a_line_that_a_dying_process_left_half_written_is_passed_over() {
    let whole = serde_json::to_string(&Entry::Safe).unwrap();
    assert_eq!(
        report::read(&format!("{whole}\n{}", &whole[..5])),
        [Entry::Safe]
    );
}

fn in_a_process_of_its_own(test: &str, deadline: &str) -> Vec<Entry> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("{test}-{}.report", std::process::id()));
    let ended = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("verdicts::{test}"), "--nocapture"])
        .env(report::VARIABLE, &path)
        .env(probe::watchdog::VARIABLE, deadline)
        .output()
        .unwrap();
    assert!(!ended.status.success());
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    report::read(&text)
}

fn kind(entry: &Entry) -> &'static str {
    match entry {
        Entry::Crumb { .. } => "crumb",
        Entry::Safe => "safe",
        Entry::Diagnosis(_) => "diagnosis",
        Entry::Snapshot { .. } => "snapshot",
        Entry::Panicked { .. } => "panicked",
        Entry::Unfinished { .. } => "unfinished",
        Entry::Hung { .. } => "hung",
        _ => "unknown",
    }
}
