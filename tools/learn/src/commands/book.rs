//! `cargo learn book`: builds the book and opens it.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use course::course::Course;

/// Builds the book and opens it in the browser.
///
/// # Errors
///
/// If there is no builder, or cargo cannot be started.
pub fn run(course: &Course) -> Result<ExitCode> {
    if !is_there(course) {
        bail!(
            "There is no book here: {} is missing.",
            course.shown(&course.root.join("book/Cargo.toml"))
        );
    }
    let mut command = cargo_run(course);
    if builder_folder(course).join("debug").exists() {
        command.arg("--quiet");
    } else {
        eprintln!(
            "Cargo builds the book's builder. This happens once, and takes minutes on a busy machine."
        );
    }
    let status = command
        .args(["--", "--open"])
        .status()
        .context("cargo cannot be started")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(2)
    })
}

/// Whether the course has a book.
#[must_use]
pub fn is_there(course: &Course) -> bool {
    course.root.join("book").join("Cargo.toml").is_file()
}

/// The command that builds the book and opens it, with cargo's progress bar on standard error.
#[must_use]
pub fn builder_with_progress(course: &Course) -> Command {
    let mut command = cargo_run(course);
    command
        .args(["--color", "never", "--", "--open"])
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100");
    command
}

/// The command that runs the book's builder with an argument, and prints nothing of cargo's.
#[must_use]
pub fn builder(course: &Course, argument: &str) -> Command {
    let mut command = cargo_run(course);
    command.args(["--quiet", "--", argument]);
    command
}

fn cargo_run(course: &Course) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(&course.root)
        .args(["run", "--package", "book", "--target-dir"])
        .arg(builder_folder(course));
    command
}

fn builder_folder(course: &Course) -> std::path::PathBuf {
    course.target.join("book")
}
