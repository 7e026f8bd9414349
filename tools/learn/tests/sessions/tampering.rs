//! A check cannot be made to pass by other means than a right answer.

use crate::sample::{FORGOT, Sample};

const CHECK: &str = "exercises/01-first/checks/double.rs";
const SNAPSHOT: &str = "exercises/01-first/checks/snapshots/double__two.snap";

#[test]
fn a_changed_check_judges_nothing_and_is_named() {
    let sample = Sample::new();
    sample.write(
        CHECK,
        "use super::subject::double;\n#[test]\nfn nothing() { double(1); }\n",
    );
    let verdict = sample.verdict_with("first/double", FORGOT);
    assert_eq!(verdict.verdict, "failed");
    assert!(
        verdict.message.contains(CHECK) && verdict.message.contains("git checkout"),
        "{}",
        verdict.message
    );
}

#[test]
fn a_changed_snapshot_judges_nothing_and_is_named() {
    let sample = Sample::new();
    sample.write(
        SNAPSHOT,
        &sample.read(SNAPSHOT).replace("becomes 4", "becomes 2"),
    );
    let verdict = sample.verdict_with("first/double", FORGOT);
    assert_eq!(verdict.verdict, "failed");
    assert!(verdict.message.contains(SNAPSHOT), "{}", verdict.message);
}

#[test]
fn other_line_endings_are_no_change() {
    let sample = Sample::new();
    for file in [CHECK, SNAPSHOT] {
        sample.write(file, &sample.read(file).replace('\n', "\r\n"));
    }
    let said = sample.learn(&["check", "first/double", "--solution", "--json"]);
    assert_eq!(said.verdict().verdict, "passed");
}

#[test]
fn insta_can_neither_be_forced_nor_made_to_accept() {
    let sample = Sample::new();
    let before = sample.read(SNAPSHOT);
    sample.write("elsewhere.rs", "pub fn double(n: u32) -> u32 { n * 3 }");
    for (name, value) in [
        ("INSTA_FORCE_PASS", "1"),
        ("INSTA_UPDATE", "always"),
        ("INSTA_OUTPUT", "diff"),
    ] {
        let output = sample
            .command(&["check", "first/double", "--with", "elsewhere.rs", "--json"])
            .env(name, value)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}={value}");
    }
    assert_eq!(sample.read(SNAPSHOT), before);
    assert!(!sample.path(&format!("{SNAPSHOT}.new")).exists());
}
