//! The book: it builds, its includes resolve, its links hold. The book's own builder knows how to tell.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Findings;
use crate::commands::book;
use crate::course::Course;
use crate::judging::process::{self, End};
use crate::stop::{Stop, Stopped};

/// The builder itself is a large program, and the first time it is built, too.
const DEADLINE: Duration = Duration::from_secs(900);

/// Has the book build itself and check its links.
pub(super) fn check(course: &Course, stop: &Stop, findings: &mut Findings) -> Result<()> {
    if !book::is_there(course) {
        println!("book: skipped, as there is no book/Cargo.toml");
        return Ok(());
    }
    let ran = process::run(
        book::builder(course, "--check"),
        Instant::now() + DEADLINE,
        stop,
    )
    .context("cargo cannot be started")?;
    match ran.end {
        End::Stopped => return Err(Stopped.into()),
        End::TimedOut => bail!(
            "The book was still being built after {} minutes.",
            DEADLINE.as_secs() / 60
        ),
        End::Exited(status) if status.success() => return Ok(()),
        End::Exited(_) => {}
    }
    let said = format!("{}\n{}", ran.stdout, ran.stderr);
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    findings
        .lines
        .extend(lines.map(|line| format!("book: {line}")));
    Ok(())
}
