//! What maintainers are told.

use crate::sample::{DOUBLE, RIGHT};
use crate::{course, findings, verify};

/// The sample leaves one thing undone on purpose: `second/double` has no known mistake.
#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn one_line_says_what_is_missing() {
    let found = verify(&course(), &["--cold"]).stdout;
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(
        lines[0], "book: skipped, as there is no book/Cargo.toml",
        "{found}"
    );
    assert_eq!(
        lines[1],
        "solutions/02-second/mistakes/double: has no known mistake: `cargo learn mistake` keeps one there."
    );
    assert_eq!(
        lines[2], "3 exercises, 8 sources tried: 1 thing to do.",
        "{found}"
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_mistake_that_passes_or_has_another_name_is_found() {
    let sample = course();
    sample.write(
        "solutions/01-first/mistakes/double/forgot-to-double.2.rs",
        RIGHT,
    );
    sample.write(
        "solutions/01-first/mistakes/double/never-returns.rs",
        "pub fn double(n: u32) -> u32 { n }",
    );
    let found = findings(&sample);
    assert!(found.contains("forgot-to-double.2.rs: should be refused as forgot-to-double, and the check says `passed`"), "{found}");
    assert!(found.contains("never-returns.rs: should be refused as never-returns, and the check says `failed`, forgot-to-double"), "{found}");
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_answer_that_does_not_pass_and_a_code_without_a_page_are_found() {
    let sample = course();
    let answer = "solutions/01-first/src/double.rs";
    sample.write(
        answer,
        &sample.read(answer).replace("number + number", "number + 3"),
    );
    std::fs::remove_file(sample.path("book/pages/mistakes/never-returns.md")).unwrap();
    let found = findings(&sample);
    assert!(
        found.contains("the answer of first/double does not pass: `failed`"),
        "{found}"
    );
    assert!(
        found.contains("book/pages/mistakes/never-returns.md: is missing"),
        "{found}"
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn drift_is_shown_and_written_but_never_over_unsaved_work() {
    let sample = course();
    let answer = "solutions/01-first/src/double.rs";
    sample.write(
        answer,
        &sample
            .read(answer)
            .replace("twice {number}", "two times {number}"),
    );
    assert!(findings(&sample).contains(&format!("{DOUBLE}: is not the stub")));
    verify(&sample, &["--write"]);
    assert!(sample.read(DOUBLE).contains("two times"));

    sample.write(DOUBLE, RIGHT);
    let said = verify(&sample, &["--write"]);
    assert!(
        said.stdout.contains("looks like unsaved work"),
        "{}",
        said.stdout
    );
    assert_eq!(sample.read(DOUBLE), RIGHT);
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_unused_snapshot_and_a_missing_hint_are_found() {
    let sample = course();
    sample.write(
        "exercises/01-first/checks/snapshots/double__old.snap",
        "---\n---\n",
    );
    sample.write("exercises/01-first/about/double.md", "# Hint 1\na\n");
    let found = findings(&sample);
    assert!(
        found.contains("double__old.snap: is used by no check"),
        "{found}"
    );
    assert!(found.contains("double.md: has 1 of 3 hints"), "{found}");
    assert!(
        found.contains("double.md: has no word after success"),
        "{found}"
    );
    assert!(found.contains("SHA256SUMS: does not fit"), "{found}");
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_test_in_a_module_that_is_not_listed_is_found() {
    let sample = course();
    let check = "exercises/01-first/checks/double.rs";
    let hidden = sample
        .read(check)
        .replace("mod several;", "pub(super) mod several;");
    sample.write(check, &hidden);
    sample.generate_sums();
    let found = findings(&sample);
    assert!(
        found.contains("checks/double: holds a test that is never run"),
        "{found}"
    );
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_debugging_exercise_whose_stub_shows_no_fault_is_found() {
    let complaint = "the untouched debugging exercise shows no run in which a test fails";
    let with = |body| {
        let sample = course();
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
        sample.generate();
        findings(&sample)
    };
    assert!(with("todo!(\"twice {number}\")").contains(complaint));
    let found = with("number");
    assert!(!found.contains(complaint), "{found}");
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn an_exercise_that_its_page_asks_first_and_learners_are_offered_later_is_found() {
    let sample = course();
    let page = "book/pages/01-first/index.md";
    let turned = "# First\n\n{{#exercise guess-order}}\n\n{{#exercise first/double}}\n";
    sample.write(page, turned);
    let found = findings(&sample);
    assert!(
        found.contains(
            "first/double stands behind `guess_order` on its page, and has the lower number"
        ),
        "{found}"
    );
}
