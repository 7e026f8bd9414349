//! Which sources are tried, and how they are compiled.

use std::fs;

use crate::sample::{RIGHT, Sample};
use crate::{course, verify};

const ANSWER: &str = "solutions/01-first/src/double.rs";

/// The last line of what it prints.
fn summary(sample: &Sample, arguments: &[&str]) -> String {
    let said = verify(sample, arguments);
    let line = said.stdout.lines().last().unwrap_or_default();
    assert!(!line.is_empty(), "{}", said.stderr);
    line.to_owned()
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn only_what_has_changed_is_tried_again() {
    let sample = course();
    sample.write(
        ANSWER,
        &sample.read(ANSWER).replace("number + number", "2 * number"),
    );
    summary(&sample, &["--cold"]);
    let nothing = summary(&sample, &[]);
    assert_eq!(
        nothing,
        "3 exercises, 8 sources, 0 of them tried: 1 thing to do."
    );
    let unlike = sample.read(ANSWER).replace("2 * number", "number * 2");
    sample.write(ANSWER, &unlike);
    let answer = summary(&sample, &[]);
    assert_eq!(
        answer,
        "3 exercises, 8 sources, 1 of them tried: 1 thing to do."
    );
    let check = "exercises/01-first/checks/double.rs";
    sample.write(check, &format!("{}\n// longer\n", sample.read(check)));
    sample.generate_sums();
    let exercise = summary(&sample, &[]);
    assert_eq!(
        exercise,
        "3 exercises, 8 sources, 3 of them tried: 1 thing to do."
    );
    let cold = summary(&sample, &["--cold"]);
    assert_eq!(cold, "3 exercises, 8 sources tried: 1 thing to do.");
    let one = summary(&sample, &["--cold", "guess-order"]);
    assert_eq!(one, "1 exercises, 3 sources tried: nothing is missing.");
}

#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_source_that_is_not_as_it_should_be_is_tried_every_time() {
    let sample = course();
    let wrong = "solutions/01-first/mistakes/double/forgot-to-double.rs";
    sample.write(wrong, RIGHT);
    for _ in 0..2 {
        let said = verify(&sample, &["first/double"]).stdout;
        assert!(said.contains("the check says `passed`"), "{said}");
    }
}

/// The error of one source must not hide what the check says about the others.
#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn a_mistake_that_does_not_compile_is_named_and_spoils_no_other() {
    let sample = course();
    let mistakes = "solutions/01-first/mistakes/double";
    for (name, text) in [
        ("never-returns.rs", "pub fn double(n: u32) -> u32 { n + }"),
        ("forgot-to-double.2.rs", "pub fn twice(n: u32) -> u32 { n }"),
        ("forgot-to-double.3.rs", RIGHT),
    ] {
        sample.write(&format!("{mistakes}/{name}"), text);
    }
    let said = verify(&sample, &["--cold", "first/double"]).stdout;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 4, "{said}");
    for (line, words) in lines.iter().zip([
        "forgot-to-double.2.rs: the known mistake does not compile",
        "forgot-to-double.3.rs: should be refused as forgot-to-double",
        "never-returns.rs: the known mistake does not compile: line 1",
        "1 exercises, 6 sources tried: 3 things to do.",
    ]) {
        assert!(line.contains(words), "{said}");
    }
}

/// A program has one allocator, and each source of the exercise comes with a check that brings it.
#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn sources_get_the_same_verdicts_together_and_apart_also_where_the_check_brings_an_allocator() {
    let sample = course();
    let check = "exercises/01-first/checks/double.rs";
    let allocator = "#[global_allocator]\nstatic HEAP: std::alloc::System = std::alloc::System;\n";
    sample.write(check, &format!("{}\n{allocator}", sample.read(check)));
    sample.generate_sums();
    let verdicts = |arguments: &[&str]| {
        let file = sample.path("verdicts");
        let path = file.display().to_string();
        let arguments = [&["--cold", "--verdicts", &path], arguments].concat();
        let said = verify(&sample, &arguments).stdout;
        assert!(said.contains("8 sources tried: 1 thing to do."), "{said}");
        fs::read_to_string(file).expect("it was written")
    };
    let together = verdicts(&[]);
    assert!(
        together.contains("first/double answer: passed, no code, 3 of 3"),
        "{together}"
    );
    assert_eq!(together, verdicts(&["--apart"]));
}

/// A check may ask for no more than the stub says, and a right answer in another style shows whether it does.
#[test]
#[ignore = "it builds a small course: .ci/run asks for it"]
fn right_answers_unlike_the_reference_are_held_to_the_check() {
    let sample = course();
    let others = "solutions/01-first/others/double";
    for (name, text) in [
        ("shifts.rs", "pub fn double(n: u32) -> u32 { n << 1 }"),
        (
            "asserts.rs",
            "pub fn double(n: u32) -> u32 { debug_assert!(n < 1 << 31); 2 * n }",
        ),
        ("forgets.rs", "pub fn double(n: u32) -> u32 { n }"),
    ] {
        sample.write(&format!("{others}/{name}"), text);
    }
    let said = verify(&sample, &["--cold", "first/double"]).stdout;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(
        lines[0].contains("forgets.rs: this right answer to first/double does not pass"),
        "{said}"
    );
    assert_eq!(lines[1], "1 exercises, 6 sources tried: 1 thing to do.",);
}
