//! `cargo learn verify`: everything that the course guarantees about itself, for maintainers.

mod behaviour;
mod codes;
mod format;
mod listing;
mod order;
mod pages;
mod written;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::course::Course;
use crate::stop::Stop;

/// Checks everything, and prints one line for each thing that is missing. With `write`, stubs and checksums are written anew
/// first.
///
/// # Errors
///
/// If something cannot be checked at all.
pub fn run(course: &Course, write: bool, stop: &Stop) -> Result<ExitCode> {
    let mut findings = Findings::default();
    written::check(course, write, &mut findings)?;
    listing::check(course, &mut findings)?;
    codes::check(course, &mut findings)?;
    order::check(course, &mut findings)?;
    let tried = behaviour::check(course, write, stop, &mut findings)?;
    format::check(course, &mut findings);
    pages::check(course, stop, &mut findings)?;
    findings.print();
    let exercises = course.exercises().count();
    println!(
        "{exercises} exercises, {tried} sources tried: {}",
        findings.count()
    );
    Ok(if findings.lines.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// What is missing or wrong.
#[derive(Debug, Default)]
struct Findings {
    lines: Vec<String>,
}

impl Findings {
    /// Something is wrong with a file: what, and what to do.
    fn add(&mut self, course: &Course, file: &Path, what: impl AsRef<str>) {
        self.lines
            .push(format!("{}: {}", course.shown(file), what.as_ref()));
    }

    fn print(&self) {
        for line in &self.lines {
            println!("{line}");
        }
    }

    fn count(&self) -> String {
        match self.lines.len() {
            0 => "nothing is missing.".to_owned(),
            1 => "1 thing to do.".to_owned(),
            many => format!("{many} things to do."),
        }
    }
}
