//! A page of the book as Markdown for the terminal, with what its directives ask for filled in.

use std::path::Path;

use anyhow::Result;
use course::directives::{self, Asked};

use course::course::Course;
use course::files;

/// Reads a page and fills in its includes, programs' outputs and references to exercises.
///
/// # Errors
///
/// If the page cannot be read. What it includes and is not there is said in its place.
pub fn read(course: &Course, page: &Path) -> Result<String> {
    Ok(filled_in(course, page, &files::read_text(page)?))
}

/// The text of a page, with what its directives ask for.
pub fn filled_in(course: &Course, page: &Path, text: &str) -> String {
    let text = files::normalise(text);
    let lines: Vec<String> = text
        .lines()
        .map(|line| match directives::read(course, page, line) {
            Some(Ok(asked)) => drawn(course, asked),
            Some(Err(sentence)) => format!("({sentence})"),
            None => line.to_owned(),
        })
        .collect();
    lines.join("\n") + "\n"
}

fn drawn(course: &Course, asked: Asked<'_>) -> String {
    match asked {
        Asked::Run { program, output } => {
            format!("```console\n$ cargo run -q --bin {program}\n{output}\n```")
        }
        Asked::Trace(text)
        | Asked::Stub(text)
        | Asked::Repair(text)
        | Asked::Include(text)
        | Asked::Table(text) => text,
        Asked::Exercise(exercise) => format!(
            "Exercise {} {}: {} ({} min). cargo learn check {}",
            exercise.number,
            exercise.title,
            course.shown(&exercise.source),
            exercise.minutes,
            exercise.name()
        ),
        Asked::Chart { chart, .. } => format!("```text\n{}```", chart.text()),
        Asked::Picture { .. } => in_the_browser("A picture of this run is"),
        Asked::Play(_) => in_the_browser("This run can be stepped through"),
        Asked::Sections => in_the_browser("The table of this chapter's sections is"),
        Asked::Map => in_the_browser("The table of the course is"),
        // A reader in the terminal has the course.
        Asked::Clone => String::new(),
    }
}

/// What stands for a part of a page that a terminal cannot show.
pub(crate) fn in_the_browser(what: &str) -> String {
    format!("▸ {what} in the browser (cargo learn book)")
}
