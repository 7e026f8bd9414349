//! Asking git, in the course's folder.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, anyhow, bail};

use course::course::Course;

/// What git said.
#[derive(Debug)]
pub struct Answer {
    /// Whether it succeeded.
    pub succeeded: bool,
    /// Its standard output, without the line's end.
    pub text: String,
    /// Its standard error.
    pub complaint: String,
}

/// Runs git with these arguments.
///
/// # Errors
///
/// If git cannot be started. That it failed is an [`Answer`].
pub fn ask(course: &Course, arguments: &[&str]) -> Result<Answer> {
    let output = Command::new("git")
        .current_dir(&course.root)
        .env("LC_ALL", "C")
        .args(arguments)
        .output()
        .map_err(|error| anyhow!("git cannot be started ({error}): is it installed?"))?;
    Ok(Answer {
        succeeded: output.status.success(),
        text: String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned(),
        complaint: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// Runs git, and wants it to succeed.
///
/// # Errors
///
/// What git complained about.
pub fn tell(course: &Course, arguments: &[&str]) -> Result<String> {
    let answer = ask(course, arguments)?;
    if !answer.succeeded {
        let line = answer.complaint.lines().find(|line| !line.is_empty());
        bail!(
            "git {} did not work: {}",
            arguments[0],
            line.unwrap_or("it did not say why")
        );
    }
    Ok(answer.text)
}

/// The text of a file in the newest commit, if it is there.
#[must_use]
pub fn committed(course: &Course, path: &Path) -> Option<String> {
    let output = Command::new("git")
        .current_dir(&course.root)
        .arg("show")
        .arg(format!("HEAD:./{}", course.shown(path)))
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output
        .status
        .success()
        .then(|| course::files::normalise(&text))
}
