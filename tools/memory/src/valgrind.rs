//! valgrind, which runs the ordinary program on a processor of its own and looks at every access to memory.

use std::path::Path;
use std::process::Command;

use crate::program;
use crate::result::Line;
use crate::{ATOMIC, Broken, RAW};

const TOOL: &str = "valgrind";

/// The answers must pass; a clone that is not counted, and a waker that leaks, must be caught.
pub(crate) fn run(root: &Path, broken: &Broken) -> Vec<Line> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return vec![Line::skipped(TOOL, "it is not installed")];
    }
    let variants = [
        ("the answers", "valgrind-answers", RAW, false),
        (
            "a clone that is not counted",
            "valgrind-not-counted",
            &broken.used_after_free,
            true,
        ),
        (
            "a waker that leaks",
            "valgrind-leaked",
            &broken.leaked,
            true,
        ),
    ];
    let judge = |(subject, name, raw, broken)| match program::build(root, name, raw, ATOMIC, &[]) {
        Ok(program) => Line::judged(TOOL, subject, broken, complaint(&program)),
        Err(reason) => Line::skipped(TOOL, &format!("the program cannot be built: {reason}")),
    };
    let mut lines: Vec<Line> = variants.into_iter().map(judge).collect();
    lines.push(green_threads(root));
    lines
}

/// A program of chapter 13, whose stacks valgrind has to be told of.
fn green_threads(root: &Path) -> Line {
    const PROGRAM: &str = "ch13-1-a-tree";
    let target = root.join("target").join("memory").join("green");
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--package", "chapter-13-green"])
        .args(["--no-default-features", "--bin", PROGRAM, "--target-dir"])
        .arg(&target)
        .current_dir(root)
        .status();
    match built {
        Ok(status) if status.success() => {
            let complaint = complaint(&target.join("debug").join(PROGRAM));
            Line::judged(TOOL, "green threads", false, complaint)
        }
        _ => Line::skipped(TOOL, "the program of green threads cannot be built"),
    }
}

/// The first thing that memcheck complained of, without its process id.
fn complaint(program: &Path) -> Option<String> {
    const FOUND_SOMETHING: i32 = 99;
    let output = Command::new("valgrind")
        .args([
            "--quiet",
            "--leak-check=full",
            "--errors-for-leak-kinds=definite",
        ])
        .arg(format!("--error-exitcode={FOUND_SOMETHING}"))
        .arg(program)
        .output();
    let output = match output {
        Ok(output) if output.status.success() => return None,
        Ok(output) => output,
        Err(error) => return Some(format!("cannot be started: {error}")),
    };
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().find_map(|line| {
        line.strip_prefix("==")?
            .split_once("== ")
            .map(|(_, text)| text)
    });
    Some(first.map_or_else(
        || format!("ended with {}", output.status),
        |text| short(text.trim()),
    ))
}

/// `152 bytes in 19 blocks are definitely lost in loss record 2 of 2` without the record, which depends on the C library.
fn short(text: &str) -> String {
    text.split(" in loss record")
        .next()
        .unwrap_or(text)
        .to_owned()
}
