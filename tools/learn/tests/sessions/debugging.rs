//! Debugging exercises: their stub is a whole program that is wrong, and the check runs it untouched.

use crate::sample::{DOUBLE, FORGOT, Sample};

/// A fresh course whose first exercise is a debugging exercise, with this body in the function that is to be repaired.
pub(crate) fn faulty(body: &str) -> Sample {
    let sample = Sample::new();
    for (path, from, to) in [
        ("exercises/01-first/chapter.toml", "\"build\"", "\"debug\""),
        (
            "solutions/01-first/src/double.rs",
            "todo!(\"twice {number}\")",
            body,
        ),
    ] {
        sample.write(path, &sample.read(path).replace(from, to));
    }
    assert_eq!(
        sample.learn(&["reset", "first/double", "--yes"]).status,
        Some(0)
    );
    sample
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_untouched_hunt_shows_its_run_and_leaves_the_mistake_to_be_found() {
    let sample = faulty("number");
    let said = sample.learn(&["check", "first/double"]);
    assert_eq!(said.status, Some(1));
    for shown in [
        "Not started yet. This is expected",
        "is plausible,",
        "two becomes four",
        "2 becomes 2",
        "expected run",
        "2 becomes 4",
        "Read first",
    ] {
        assert!(said.stdout.contains(shown), "{shown}: {}", said.stdout);
    }
    for hidden in ["forgot-to-double", "came back as it was", "your run"] {
        assert!(!said.stdout.contains(hidden), "{hidden}: {}", said.stdout);
    }
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn to_a_machine_an_untouched_hunt_is_not_started_and_has_no_mistake() {
    let sample = faulty("number");
    let junit = sample.path("report.xml").display().to_string();
    let said = sample.learn(&["check", "first/double", "--json", "--junit", &junit]);
    let verdict = said.verdict();
    assert_eq!(
        (verdict.status, verdict.verdict.as_str(), verdict.mistake),
        (Some(1), "not-started", None)
    );
    assert!(
        verdict.message.contains("plausible, and wrong")
            && verdict
                .message
                .ends_with("The first test that fails: two becomes four."),
        "{}",
        verdict.message
    );
    let report = sample.read("report.xml");
    assert!(report.contains("skipped=\"1\""), "{report}");
    assert!(!report.contains("forgot-to-double"), "{report}");
    assert!(!sample.read(".learn/progress").contains("first/double"));
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_debug_exercise_that_was_edited_is_told_its_mistake() {
    let sample = faulty("number");
    sample.write(DOUBLE, FORGOT);
    let verdict = sample.learn(&["check", "first/double", "--json"]).verdict();
    assert_eq!(verdict.verdict, "failed");
    assert_eq!(verdict.mistake.as_deref(), Some("forgot-to-double"));
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_copy_of_an_untouched_hunt_is_judged_like_the_hunt_itself() {
    let sample = faulty("number");
    let verdict = sample.verdict_with("first/double", &sample.read(DOUBLE));
    assert_eq!(
        (verdict.verdict.as_str(), verdict.mistake),
        ("not-started", None)
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_untouched_hunt_that_hangs_says_so_and_the_crumb_does_not_name_it() {
    let sample = faulty("{ while number > 99 {} number + number }");
    let said = sample.learn(&["check", "first/double", "--json", "--deadline", "0.5"]);
    let verdict = said.verdict();
    assert_eq!(
        (verdict.verdict.as_str(), verdict.mistake),
        ("not-started", None)
    );
    assert!(
        verdict.message.contains("does not come to an end"),
        "{}",
        verdict.message
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_untouched_hunt_without_a_fault_to_show_is_not_started_and_never_solved() {
    for body in ["number + number", "todo!(\"twice {number}\")", "nonsense"] {
        let sample = faulty(body);
        let verdict = sample.learn(&["check", "first/double", "--json"]).verdict();
        assert_eq!(
            (verdict.status, verdict.verdict.as_str()),
            (Some(1), "not-started")
        );
        assert!(
            verdict.message.contains("find what is wrong"),
            "{}",
            verdict.message
        );
        assert!(!sample.read(".learn/progress").contains("solved"));
    }
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn among_many_exercises_an_untouched_hunt_has_its_line_and_no_run() {
    let sample = faulty("number");
    let said = sample.learn(&["check", "--all"]);
    assert_eq!(said.status, Some(1));
    assert_eq!(
        said.stdout.trim(),
        "○ 1.1 first/double\n○ 1.2 guess-order\n○ 2.1 second/double"
    );
    assert!(
        !sample
            .learn(&["check", "--all", "--json"])
            .stdout
            .contains("two becomes four")
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_hint_for_an_untouched_hunt_says_how_to_see_the_run_that_it_speaks_of() {
    let sample = faulty("number");
    let hinted = |id| sample.learn(&["hint", id]).stdout;
    assert!(hinted("first/double").contains("cargo learn check first/double"));
    assert!(!hinted("guess-order").contains("cargo learn check"));
    sample.write(DOUBLE, FORGOT);
    assert!(!hinted("first/double").contains("cargo learn check"));
}
