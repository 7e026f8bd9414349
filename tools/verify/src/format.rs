//! The stubs' format: a maintainer's `cargo fmt` must not make them differ from what is derived.

use std::path::PathBuf;
use std::process::Command;

use crate::Call;
use crate::findings::Findings;
use crate::trial::stub_path;
use anyhow::Result;
use course::files;

/// Each derived stub is as rustfmt would write it. Where there is no rustfmt, that is said.
pub(crate) fn check(call: &Call<'_>, findings: &mut Findings) -> Result<()> {
    let stubs: Vec<(PathBuf, PathBuf)> = call
        .exercises
        .iter()
        .map(|exercise| (stub_path(call.course, exercise), exercise.answer.clone()))
        .filter(|(stub, _)| stub.is_file())
        .collect();
    let hashes = stubs.iter().map(|(stub, _)| call.hashes.of(stub));
    let key = files::hash(&format!("format {}", hashes.collect::<Vec<_>>().join("\n")));
    if stubs.is_empty() || call.known.has(&key) {
        return Ok(());
    }
    let output = Command::new("rustfmt")
        .args(["--check", "--files-with-diff", "--edition", "2024"])
        .args(stubs.iter().map(|(stub, _)| stub))
        .output();
    let Ok(output) = output else {
        println!("format of the stubs: skipped, as there is no rustfmt");
        return Ok(());
    };
    let before = findings.len();
    let differing = String::from_utf8_lossy(&output.stdout);
    for (stub, answer) in &stubs {
        let path = stub.display().to_string();
        if differing.lines().any(|line| line == path) {
            let what =
                "rustfmt would change the stub: indent and break its STUB lines as rustfmt does.";
            findings.add(call.course, answer, what);
        }
    }
    if output.status.success() && findings.len() == before {
        call.known.remember(&key);
    }
    Ok(())
}
