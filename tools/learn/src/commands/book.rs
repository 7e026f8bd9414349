//! `cargo learn book`: builds the book and opens it.

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::course::Course;

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
    if !builder_folder(course).join("debug").exists() {
        eprintln!("Building the book's builder. This happens once, and takes about a minute.");
    }
    let status = builder(course, "--open")
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

/// The command that runs the book's builder with an argument.
#[must_use]
pub fn builder(course: &Course, argument: &str) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(&course.root)
        .args(["run", "--quiet", "--package", "book", "--target-dir"])
        .arg(builder_folder(course))
        .args(["--", argument]);
    command
}

fn builder_folder(course: &Course) -> std::path::PathBuf {
    course.target.join("book")
}
