//! Each verdict, from code that deserves it.

use std::time::{Duration, Instant};

use crate::sample::{FORGOT, RIGHT, Sample};

#[test]
fn a_right_answer_passes() {
    let verdict = Sample::new().verdict_with("first/double", RIGHT);
    assert_eq!(
        (verdict.status, verdict.verdict.as_str()),
        (Some(0), "passed")
    );
    assert_eq!(verdict.message, "All 3 tests pass.");
}

#[test]
fn a_mistake_that_a_law_knows_is_named() {
    let verdict = Sample::new().verdict_with("first/double", FORGOT);
    assert_eq!(
        (verdict.status, verdict.verdict.as_str()),
        (Some(1), "failed")
    );
    assert_eq!(verdict.mistake.as_deref(), Some("forgot-to-double"));
    assert_eq!(
        verdict.message,
        "two becomes four: The number came back as it was."
    );
}

#[test]
fn where_no_law_is_sure_nothing_is_named_and_the_line_is_said() {
    let squares_three = "pub fn double(n: u32) -> u32 { if n == 3 { 9 } else { n * 2 } }";
    let verdict = Sample::new().verdict_with("first/double", squares_three);
    assert_eq!(
        (verdict.verdict.as_str(), verdict.mistake),
        ("failed", None)
    );
    assert!(
        verdict.message.contains("Line 3 of your run is"),
        "{}",
        verdict.message
    );
}

#[test]
fn a_future_that_is_never_awaited_is_named_where_a_test_fails() {
    let forgets = "pub fn double(n: u32) -> u32 {\n    async { n * 2 };\n    n\n}\n";
    let verdict = Sample::new().verdict_with("first/double", forgets);
    assert_eq!(verdict.mistake.as_deref(), Some("forgot-to-double"));
    assert!(
        verdict
            .message
            .contains("The compiler warns of line 2: unused"),
        "{}",
        verdict.message
    );
    assert!(
        verdict
            .message
            .ends_with("futures do nothing unless you `.await` or poll them."),
        "{}",
        verdict.message
    );

    let all_the_same = "pub fn double(n: u32) -> u32 {\n    async { n };\n    n * 2\n}\n";
    let verdict = Sample::new().verdict_with("first/double", all_the_same);
    assert_eq!(verdict.message, "All 3 tests pass.");
}

#[test]
fn the_stub_is_not_started_and_that_is_no_failure_of_anything() {
    let said = Sample::new().learn(&["check", "first/double"]);
    assert_eq!(said.status, Some(1));
    assert!(
        said.stdout.contains("Not started yet. This is expected"),
        "{}",
        said.stdout
    );
}

#[test]
fn a_todo_that_is_reached_is_unfinished_with_its_line() {
    let halfway = "pub fn double(n: u32) -> u32 {\n    if n == 2 {\n        return 4;\n    }\n    todo!()\n}\n";
    let verdict = Sample::new().verdict_with("first/double", halfway);
    assert_eq!(
        (verdict.verdict.as_str(), verdict.mistake),
        ("unfinished", None)
    );
    assert_eq!(
        verdict.message,
        "1 of 3 tests pass; your code reached the `todo!` on line 5."
    );
}

#[test]
fn a_prediction_with_a_blank_is_unfinished() {
    let sample = Sample::new();
    let verdict = sample.verdict_with(
        "guess-order",
        "pub const PREDICTION: [&str; 2] = [\"first runs\", \"?\"];",
    );
    assert_eq!(verdict.verdict, "unfinished");
    assert!(
        verdict.message.contains("still a question mark"),
        "{}",
        verdict.message
    );
}

#[test]
fn a_wrong_prediction_is_named_and_the_right_one_is_not_shown() {
    let sample = Sample::new();
    sample.write(
        "elsewhere.rs",
        "pub const PREDICTION: [&str; 2] = [\"second runs\", \"first runs\"];",
    );
    let said = sample.learn(&["check", "guess-order", "--with", "elsewhere.rs"]);
    assert!(
        said.stdout.contains("last-come-first-served"),
        "{}",
        said.stdout
    );
    assert!(!said.stdout.contains("expected run"), "{}", said.stdout);
}

#[test]
fn code_that_does_not_compile_says_so_with_the_compilers_own_words() {
    let sample = Sample::new();
    sample.write("elsewhere.rs", "pub fn double(n: u32) -> u32 { nonsense }");
    let said = sample.learn(&["check", "first/double", "--with", "elsewhere.rs"]);
    assert_eq!(said.status, Some(1));
    assert!(
        said.stdout.contains("--> elsewhere.rs:1:32"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("Line 1: cannot find value `nonsense`"),
        "{}",
        said.stdout
    );
    let verdict = sample
        .learn(&["check", "first/double", "--with", "elsewhere.rs", "--json"])
        .verdict();
    assert_eq!(verdict.verdict, "does-not-compile");
}

#[test]
fn a_changed_signature_is_said_to_be_the_reason() {
    let verdict = Sample::new().verdict_with(
        "first/double",
        "pub fn double(n: u32, by: u32) -> u32 { n * by }",
    );
    assert_eq!(verdict.verdict, "does-not-compile");
    assert!(
        verdict.message.contains("signatures of the stub must stay"),
        "{}",
        verdict.message
    );
}

#[test]
fn a_panic_is_told_with_its_line() {
    let verdict = Sample::new().verdict_with(
        "first/double",
        "pub fn double(n: u32) -> u32 {\n    [n][n as usize]\n}",
    );
    assert_eq!(
        (verdict.verdict.as_str(), verdict.mistake),
        ("failed", None)
    );
    assert!(
        verdict
            .message
            .contains("panicked on line 2: index out of bounds"),
        "{}",
        verdict.message
    );
}

#[test]
fn an_endless_loop_ends_at_the_deadline_and_the_crumb_names_it() {
    let sample = Sample::new();
    sample.write(
        "elsewhere.rs",
        "pub fn double(n: u32) -> u32 {\n    while n > 99 {}\n    2 * n\n}",
    );
    let begun = Instant::now();
    let said = sample.learn(&[
        "check",
        "first/double",
        "--with",
        "elsewhere.rs",
        "--json",
        "--deadline",
        "0.5",
    ]);
    let verdict = said.verdict();
    assert_eq!(
        (verdict.status, verdict.verdict.as_str()),
        (Some(1), "timed-out")
    );
    assert_eq!(verdict.mistake.as_deref(), Some("never-returns"));
    assert!(begun.elapsed() < Duration::from_secs(60));
}

#[test]
fn an_endless_loop_without_a_crumb_shows_what_happened_until_then() {
    let sample = Sample::new();
    sample.write(
        "elsewhere.rs",
        "pub fn double(n: u32) -> u32 {\n    while n == 3 {}\n    2 * n\n}",
    );
    let said = sample.learn(&[
        "check",
        "first/double",
        "--with",
        "elsewhere.rs",
        "--deadline",
        "2",
    ]);
    assert_eq!(said.status, Some(1));
    assert!(
        said.stdout.contains("2 becomes 4   ◂── here"),
        "{}",
        said.stdout
    );
}

#[test]
fn what_the_code_printed_is_shown_when_a_test_fails() {
    let sample = Sample::new();
    sample.write(
        "elsewhere.rs",
        "pub fn double(n: u32) -> u32 {\n    println!(\"was given {n}\");\n    dbg!(n)\n}",
    );
    let said = sample.learn(&["check", "first/double", "--with", "elsewhere.rs"]);
    assert!(said.stdout.contains("your code printed"), "{}", said.stdout);
    assert!(
        said.stdout.contains("was given 2") && said.stdout.contains("n = 2"),
        "{}",
        said.stdout
    );
}

#[test]
fn an_overflowing_stack_is_told_and_the_crumb_names_it() {
    let deep = "pub fn double(n: u32) -> u32 { if n > 99 { double(n + 1) + double(n + 2) } else { 2 * n } }";
    let verdict = Sample::new().verdict_with("first/double", deep);
    assert_eq!(verdict.verdict, "failed");
    assert_eq!(verdict.mistake.as_deref(), Some("never-returns"));
    assert!(
        verdict.message.contains("overflowed the stack"),
        "{}",
        verdict.message
    );
}

#[test]
fn leaving_early_with_status_0_does_not_pass() {
    let verdict = Sample::new().verdict_with(
        "first/double",
        "pub fn double(_: u32) -> u32 { std::process::exit(0) }",
    );
    assert_eq!(verdict.verdict, "failed");
    assert!(
        verdict.message.contains("std::process::exit"),
        "{}",
        verdict.message
    );
}

#[test]
fn an_expected_line_in_the_output_does_not_pass_either() {
    let liar =
        "pub fn double(n: u32) -> u32 { print!(\"test result: ok. 1 passed; 0 failed\"); n }";
    let verdict = Sample::new().verdict_with("first/double", liar);
    assert_eq!(verdict.mistake.as_deref(), Some("forgot-to-double"));
}

#[test]
fn endless_output_fills_nothing() {
    let sample = Sample::new();
    sample.write(
        "elsewhere.rs",
        "pub fn double(_: u32) -> u32 { loop { println!(\"again and again and again\"); } }",
    );
    let said = sample.learn(&[
        "check",
        "first/double",
        "--with",
        "elsewhere.rs",
        "--json",
        "--deadline",
        "0.5",
    ]);
    assert_eq!(said.verdict().verdict, "timed-out");
}

#[cfg(unix)]
#[test]
fn what_a_check_started_is_gone_with_it() {
    let sample = Sample::new();
    let pid_file = sample.path("elsewhere.pid");
    let program = format!(
        "pub fn double(_: u32) -> u32 {{\n    let child = std::process::Command::new(\"sleep\").arg(\"1000\").spawn().unwrap();\n    \
         std::fs::write({:?}, child.id().to_string()).unwrap();\n    loop {{}}\n}}",
        pid_file.display().to_string()
    );
    sample.write("elsewhere.rs", &program);
    let said = sample.learn(&[
        "check",
        "first/double",
        "--with",
        "elsewhere.rs",
        "--json",
        "--deadline",
        "2",
    ]);
    assert_eq!(said.verdict().verdict, "timed-out");
    let pid = sample.read("elsewhere.pid");
    let alive = std::process::Command::new("ps")
        .args(["-o", "stat=", "-p", &pid])
        .output()
        .unwrap();
    let state = String::from_utf8_lossy(&alive.stdout).trim().to_owned();
    // A zombie is gone; its parent has not collected it yet.
    assert!(
        state.is_empty() || state.starts_with('Z'),
        "process {pid} is {state}"
    );
}
