//! AddressSanitizer, which comes with rustc, and finds memory that is used after it was freed, and memory that is never freed.

use std::path::Path;
use std::process::Command;

use crate::program;
use crate::result::Line;
use crate::{ATOMIC, Broken, RAW};

const TOOL: &str = "AddressSanitizer";
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The answers must pass; a clone that is not counted, and a waker that leaks, must be caught.
pub(crate) fn run(root: &Path, broken: &Broken) -> Vec<Line> {
    if !cfg!(all(
        target_arch = "x86_64",
        target_os = "linux",
        target_env = "gnu"
    )) {
        return vec![Line::skipped(TOOL, "only tried on x86-64 Linux")];
    }
    let variants = [
        ("the answers", "asan-answers", RAW, false),
        (
            "a clone that is not counted",
            "asan-not-counted",
            &broken.used_after_free,
            true,
        ),
        ("a waker that leaks", "asan-leaked", &broken.leaked, true),
    ];
    let judge = |(subject, name, raw, broken)| {
        let flags = ["-Zsanitizer=address", "--target", TARGET];
        match program::build(root, name, raw, ATOMIC, &flags) {
            Ok(program) => Line::judged(TOOL, subject, broken, complaint(&program)),
            Err(reason) => Line::skipped(TOOL, &format!("rustc cannot build for it: {reason}")),
        }
    };
    variants.into_iter().map(judge).collect()
}

/// What the sanitizer reported: the end of its summary line.
fn complaint(program: &Path) -> Option<String> {
    let output = Command::new(program)
        .env("ASAN_OPTIONS", "detect_leaks=1")
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) => return Some(format!("cannot be started: {error}")),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let summary = said
        .lines()
        .find_map(|line| line.strip_prefix("SUMMARY: AddressSanitizer: "));
    match (output.status.success(), summary) {
        (true, None) => None,
        (_, Some(summary)) => Some(short(summary)),
        (false, None) => Some(format!("ended with {}", output.status)),
    }
}

/// Without the places, which are different on every machine.
fn short(summary: &str) -> String {
    summary
        .split(" /")
        .next()
        .unwrap_or(summary)
        .trim_end_matches('.')
        .to_owned()
}
