//! The tests' programs: built once, and run as `cargo test` runs them.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde_json::Value;

/// A program with tests in it.
pub(crate) struct Program {
    pub(crate) name: String,
    executable: PathBuf,
    folder: PathBuf,
}

/// What came of one run.
pub(crate) enum Outcome {
    /// This many tests passed, and none failed.
    Passed(u64),
    /// This was printed.
    Failed(String),
}

/// Builds them.
pub(crate) fn build(packages: &[String]) -> anyhow::Result<Vec<Program>> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([
        "test",
        "--no-run",
        "--quiet",
        "--message-format",
        "json-render-diagnostics",
    ]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    let output = cargo
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stderr(Stdio::inherit())
        .output()
        .context("cargo is not installed")?;
    if !output.status.success() {
        bail!("the tests do not compile");
    }
    let lines = String::from_utf8(output.stdout)?;
    let messages = lines
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let mut programs: Vec<Program> = messages.filter_map(|message| program(&message)).collect();
    if packages.is_empty() {
        programs.retain(|program| !program.folder.ends_with("tools/learn"));
    }
    Ok(programs)
}

fn program(message: &Value) -> Option<Program> {
    if message["profile"]["test"] != true {
        return None;
    }
    let executable = PathBuf::from(message["executable"].as_str()?);
    let manifest = PathBuf::from(message["manifest_path"].as_str()?);
    let folder = manifest.parent()?.to_owned();
    let package = folder.file_name()?.to_string_lossy().into_owned();
    let target = message["target"]["name"].as_str()?;
    Some(Program {
        name: format!("{package}-{target}"),
        executable,
        folder,
    })
}

impl Program {
    pub(crate) fn run(&self) -> anyhow::Result<Outcome> {
        let output = Command::new(&self.executable)
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("{} cannot be started", self.executable.display()))?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(Outcome::Passed(passed(&printed)));
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let status = output.status;
        Ok(Outcome::Failed(format!("{status}\n{printed}{errors}")))
    }
}

/// `test result: ok. 12 passed; …`
fn passed(printed: &str) -> u64 {
    let results = printed
        .lines()
        .filter_map(|line| line.strip_prefix("test result: ok. "));
    results
        .filter_map(|result| result.split(' ').next()?.parse::<u64>().ok())
        .sum()
}
