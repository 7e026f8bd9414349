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

/// Each of these tries to pass without an answer.
const CHEATS: [(&str, &str); 9] = [
    (
        "prints what libtest prints, and exits",
        r#"pub fn double(_: u32) -> u32 { println!("\ntest result: ok. 1 passed; 0 failed; 0 ignored"); std::process::exit(0) }"#,
    ),
    (
        "exits as a failed test does",
        "pub fn double(_: u32) -> u32 { std::process::exit(101) }",
    ),
    (
        "exits as the watchdog does",
        "pub fn double(_: u32) -> u32 { std::process::exit(124) }",
    ),
    (
        "exits in a hook for panics",
        "pub fn double(_: u32) -> u32 { std::panic::set_hook(Box::new(|_| std::process::exit(0))); panic!() }",
    ),
    (
        "exits in another thread",
        "pub fn double(_: u32) -> u32 { std::thread::spawn(|| std::process::exit(0)); loop { std::thread::park() } }",
    ),
    (
        "takes the mark for itself",
        "pub fn double(_: u32) -> u32 { probe::mark::begin().reached(); std::process::exit(0) }",
    ),
    (
        "reads the secret where it came from",
        r#"pub fn double(_: u32) -> u32 {
            let mut secret = String::new();
            std::io::stdin().read_line(&mut secret).unwrap();
            probe::report::write(&probe::report::Entry::Passed { secret: secret.trim().to_owned() });
            std::process::exit(0)
        }"#,
    ),
    (
        "has its own macros for what the check asserts",
        r"#![macro_use]
        macro_rules! assert_eq { ($($all:tt)*) => {} }
        macro_rules! snapshot { ($($all:tt)*) => {} }
        macro_rules! panic { ($($all:tt)*) => { std::process::exit(0) } }
        pub fn double(_: u32) -> u32 { 0 }",
    ),
    (
        "writes the snapshot that it is compared with",
        r#"pub fn double(_: u32) -> u32 {
            let root = std::env::var("INSTA_WORKSPACE_ROOT").unwrap();
            let path = format!("{root}/exercises/01-first/checks/snapshots/double__two.snap");
            let text = std::fs::read_to_string(&path).unwrap().replace("becomes 4", "becomes 3");
            std::fs::write(path, text).unwrap();
            3
        }"#,
    ),
];

#[test]
fn no_way_around_the_tests_leads_to_a_pass() {
    for (what, text) in CHEATS {
        let verdict = Sample::new().verdict_with("first/double", text);
        assert_ne!(verdict.verdict, "passed", "it {what}");
        if text.contains("exit") && !text.contains("macro_rules") {
            assert!(
                verdict.message.contains("exited with status"),
                "it {what}: {}",
                verdict.message
            );
        }
    }
}

#[test]
fn what_the_compiler_would_compute_without_end_is_a_verdict() {
    let endless = "#![allow(long_running_const_eval)]\n\
        const fn count() -> u32 { let mut n: u32 = 1; while n != 0 { n = (n + 1) | 1 } n }\n\
        const END: u32 = count();\npub fn double(_: u32) -> u32 { END }\n";
    let verdict = Sample::new().verdict_with("first/double", endless);
    assert_eq!(verdict.verdict, "timed-out");
    assert!(
        verdict.message.contains("while it is compiled"),
        "{}",
        verdict.message
    );
}

#[test]
fn what_only_a_debug_build_does_is_no_answer() {
    let asserts =
        "pub fn double(n: u32) -> u32 { let mut n = n; debug_assert!({ n *= 2; true }); n }";
    let verdict = Sample::new().verdict_with("first/double", asserts);
    assert_eq!(verdict.verdict, "failed");
    assert!(
        verdict.message.contains("as in a release"),
        "{}",
        verdict.message
    );
    let right = "pub fn double(n: u32) -> u32 { debug_assert!(n < u32::MAX / 2); n * 2 }";
    assert_eq!(
        Sample::new().verdict_with("first/double", right).verdict,
        "passed"
    );
}

#[test]
fn a_file_takes_in_no_other_file() {
    let taken = "#[path = \"/tmp/other.rs\"]\nmod other;\npub use other::double;";
    let verdict = Sample::new().verdict_with("first/double", taken);
    assert_eq!(verdict.verdict, "failed");
    assert!(
        verdict.message.contains("takes in another file"),
        "{}",
        verdict.message
    );
}
