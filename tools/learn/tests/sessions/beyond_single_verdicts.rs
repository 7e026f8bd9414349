//! What `check` does beyond single verdicts.

use std::fs::File;
use std::time::{Duration, SystemTime};

use crate::sample::{DOUBLE, FORGOT, RIGHT, Sample};

#[test]
fn an_exercise_that_does_not_compile_spoils_no_other_verdict() {
    let sample = Sample::new();
    sample.write(DOUBLE, "fn (((");
    sample.write(
        "exercises/02-second/src/double.rs",
        "pub fn twice(word: &str) -> String { word.repeat(2) }",
    );
    let verdicts = sample.learn(&["check", "--all", "--json"]).json();
    let of = |index: usize| verdicts[index]["verdict"].as_str().unwrap().to_owned();
    assert_eq!(
        [of(0), of(1), of(2)],
        ["does-not-compile", "not-started", "passed"]
    );
}

#[test]
fn several_exercises_can_be_named_and_each_is_judged_once() {
    let sample = Sample::new();
    let said = sample.learn(&[
        "check",
        "1.1",
        "first/double",
        "2.1",
        "--solution",
        "--json",
    ]);
    assert_eq!(said.status, Some(0));
    assert_eq!(said.json().as_array().unwrap().len(), 2);
}

#[test]
fn a_document_for_ci_servers_says_the_same() {
    let sample = Sample::new();
    sample.write(DOUBLE, "pub fn double(n: u32) -> u32 { n }");
    let said = sample.learn(&["check", "--all", "--junit", "verdicts.xml"]);
    assert_eq!(said.status, Some(1));
    let xml = sample.read("verdicts.xml");
    assert!(
        xml.contains("tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"2\""),
        "{xml}"
    );
    assert!(
        xml.contains("<failure type=\"forgot-to-double\" message=\"two becomes four: "),
        "{xml}"
    );
}

#[test]
fn it_works_in_a_subfolder() {
    let sample = Sample::new();
    sample.write("exercises/01-first/src/mine.rs", RIGHT);
    let output = sample
        .command(&["check", "first/double", "--with", "mine.rs", "--json"])
        .current_dir(sample.path("exercises/01-first/src"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn without_a_name_the_next_exercise_is_checked() {
    let sample = Sample::new();
    sample.write(DOUBLE, RIGHT);
    sample.learn(&["check"]);
    let verdict = sample.learn(&["check", "--json"]);
    assert_eq!(verdict.json()[0]["id"], "first/guess-order");
}

/// Makes a file look as if it had been saved an hour ago: an editor's backup that was moved into its place, say.
fn make_older(sample: &Sample, file: &str) {
    let long_ago = SystemTime::now() - Duration::from_secs(3600);
    let opened = File::options().append(true).open(sample.path(file));
    opened.and_then(|file| file.set_modified(long_ago)).unwrap();
}

#[test]
fn a_file_that_is_older_than_the_last_build_is_judged_all_the_same() {
    let sample = Sample::new();
    sample.write("elsewhere.rs", FORGOT);
    make_older(&sample, "elsewhere.rs");
    sample.write(DOUBLE, RIGHT);
    assert_eq!(sample.learn(&["check", "1.1"]).status, Some(0));
    std::fs::rename(sample.path("elsewhere.rs"), sample.path(DOUBLE)).unwrap();
    let verdict = sample.learn(&["check", "1.1", "--json"]).verdict();
    assert_eq!(verdict.mistake.as_deref(), Some("forgot-to-double"));
}

#[test]
fn what_was_built_for_one_exercise_does_not_answer_for_all_of_them() {
    let sample = Sample::new();
    let judged_among_all = || {
        sample
            .learn(&["check", "--all", "--json"])
            .verdict()
            .verdict
    };
    sample.write(DOUBLE, FORGOT);
    make_older(&sample, DOUBLE);
    assert_eq!(judged_among_all(), "failed");
    sample.write(DOUBLE, RIGHT);
    assert_eq!(sample.learn(&["check", "1.1"]).status, Some(0));
    sample.write(DOUBLE, FORGOT);
    make_older(&sample, DOUBLE);
    assert_eq!(judged_among_all(), "failed");
}
