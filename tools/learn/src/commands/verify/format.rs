//! The stubs' format: a maintainer's `cargo fmt` must not make them differ from what is derived.

use std::path::PathBuf;
use std::process::Command;

use super::Findings;
use super::behaviour::stub_path;
use crate::course::Course;

/// Each derived stub is as rustfmt would write it. Where there is no rustfmt, that is said.
pub(super) fn check(course: &Course, findings: &mut Findings) {
    let stubs: Vec<(PathBuf, PathBuf)> = course
        .exercises()
        .map(|exercise| (stub_path(course, exercise), exercise.answer.clone()))
        .filter(|(stub, _)| stub.is_file())
        .collect();
    if stubs.is_empty() {
        return;
    }
    let output = Command::new("rustfmt")
        .args(["--check", "--files-with-diff", "--edition", "2024"])
        .args(stubs.iter().map(|(stub, _)| stub))
        .output();
    let Ok(output) = output else {
        println!("format of the stubs: skipped, as there is no rustfmt");
        return;
    };
    let differing = String::from_utf8_lossy(&output.stdout);
    for (stub, answer) in &stubs {
        let path = stub.display().to_string();
        if differing.lines().any(|line| line == path) {
            let what =
                "rustfmt would change the stub: indent and break its STUB lines as rustfmt does.";
            findings.add(course, answer, what);
        }
    }
}
