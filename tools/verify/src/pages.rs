//! The book: it builds, its includes resolve, its links hold. The book's own builder knows how to tell.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::Call;
use crate::findings::Findings;
use course::files;
use learn::commands::book;
use learn::judging::process::{self, End};
use learn::stop::Stopped;

/// The builder itself is a large program, and the first time it is built, too.
const DEADLINE: Duration = Duration::from_secs(900);

/// Has the book build itself and check its links.
///
/// The builder reads the whole course, so it is asked again as soon as any file of the course has changed.
pub(crate) fn check(call: &Call<'_>, findings: &mut Findings) -> Result<()> {
    let course = call.course;
    if !book::is_there(course) {
        println!("book: skipped, as there is no book/Cargo.toml");
        return Ok(());
    }
    let key = files::hash(&format!("book {}", call.hashes.of(&course.root)));
    if call.known.has(&key) {
        return Ok(());
    }
    let ran = process::run(
        book::builder(course, "--check"),
        Instant::now() + DEADLINE,
        call.stop,
    )
    .context("cargo cannot be started")?;
    match ran.end {
        End::Stopped => return Err(Stopped.into()),
        End::TimedOut => bail!(
            "The book was still being built after {} minutes.",
            DEADLINE.as_secs() / 60
        ),
        End::Exited(status) if status.success() => {
            call.known.remember(&key);
            return Ok(());
        }
        End::Exited(_) => {}
    }
    let said = format!("{}\n{}", ran.stdout, ran.stderr);
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    for line in lines {
        findings.add_line(format!("book: {line}"));
    }
    Ok(())
}
