//! What is remembered, and what is not.

use crate::sample::{DOUBLE, FORGOT, RIGHT, Sample};

fn state_of(sample: &Sample, id: &str) -> String {
    let list = sample.learn(&["list", "--json"]).json();
    let entries = list.as_array().unwrap();
    let entry = entries.iter().find(|entry| entry["id"] == id).unwrap();
    entry["state"].as_str().unwrap().to_owned()
}

#[test]
fn passing_is_recorded_at_once_and_outlasts_later_experiments_until_a_reset() {
    let sample = Sample::new();
    assert_eq!(state_of(&sample, "first/double"), "not-started");
    sample.write(DOUBLE, RIGHT);
    assert_eq!(state_of(&sample, "first/double"), "unfinished");
    assert_eq!(sample.learn(&["check", "first/double"]).status, Some(0));
    assert_eq!(state_of(&sample, "first/double"), "solved");
    sample.write(DOUBLE, FORGOT);
    assert_eq!(sample.learn(&["check", "first/double"]).status, Some(1));
    assert_eq!(state_of(&sample, "first/double"), "solved");
    assert_eq!(
        sample.learn(&["reset", "first/double", "--yes"]).status,
        Some(0)
    );
    sample.write(DOUBLE, FORGOT);
    assert_eq!(state_of(&sample, "first/double"), "unfinished");
}

#[test]
fn neither_with_nor_solution_touches_it() {
    let sample = Sample::new();
    sample.verdict_with("first/double", RIGHT);
    sample.learn(&["check", "--all", "--solution"]);
    assert_eq!(state_of(&sample, "first/double"), "not-started");
    assert!(!sample.path(".learn/progress").exists());
}

#[test]
fn it_is_a_cache_that_checking_all_fills_again() {
    let sample = Sample::new();
    sample.write(DOUBLE, RIGHT);
    let said = sample.learn(&["check", "--all"]);
    assert_eq!(said.status, Some(1), "{}", said.stderr);
    assert_eq!(
        state_of(&sample, "first/double"),
        "solved",
        "{}{}",
        said.stdout,
        said.stderr
    );
    std::fs::remove_file(sample.path(".learn/progress")).unwrap();
    assert_eq!(state_of(&sample, "first/double"), "unfinished");
    sample.learn(&["check", "--all"]);
    assert_eq!(state_of(&sample, "first/double"), "solved");
}

#[test]
fn a_damaged_file_is_kept_aside_and_what_is_legible_counts() {
    let sample = Sample::new();
    sample.write(DOUBLE, RIGHT);
    sample.write(".learn/progress", "solved first/double\n\u{0}\u{0}\u{0}\n");
    let said = sample.learn(&["list", "--json"]);
    assert_eq!(said.status, Some(2));
    assert!(
        said.json()["error"].as_str().unwrap().contains("line 2"),
        "{}",
        said.stdout
    );
    assert!(sample.path(".learn/progress.damaged-1").is_file());
    assert_eq!(state_of(&sample, "first/double"), "solved");
}

#[test]
fn resetting_keeps_the_learners_version() {
    let sample = Sample::new();
    let stub = sample.read(DOUBLE);
    for (number, text) in [(1, RIGHT), (2, FORGOT)] {
        sample.write(DOUBLE, text);
        let said = sample.learn(&["reset", "first/double", "--yes"]);
        let kept = format!(".learn/kept/{DOUBLE}.kept-{number}");
        assert!(
            said.stdout.contains(&kept),
            "{}{}",
            said.stdout,
            said.stderr
        );
        assert_eq!(sample.read(&kept), text);
        assert_eq!(sample.read(DOUBLE), stub);
    }
}

#[test]
fn a_skipped_exercise_shows_and_comes_back_when_it_is_solved() {
    let sample = Sample::new();
    let said = sample.learn(&["skip"]);
    assert!(
        said.stdout.contains("next: 1.2 guess-order"),
        "{}",
        said.stdout
    );
    assert_eq!(state_of(&sample, "first/double"), "skipped");
    sample.write(DOUBLE, RIGHT);
    sample.learn(&["check", "1.1"]);
    assert_eq!(state_of(&sample, "first/double"), "solved");
}
