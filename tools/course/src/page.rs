//! A page of the book with what it includes filled in, for reading in the terminal.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::course::Course;
use crate::files;
use crate::id;
use crate::repair;
use crate::snapshot;
use crate::stub;

/// Reads a page and fills in its includes, programs' outputs and references to exercises.
///
/// # Errors
///
/// If the page cannot be read. What it includes and is not there is said in its place.
pub fn read(course: &Course, page: &Path) -> Result<String> {
    let text = files::normalise(&files::read_text(page)?);
    let lines: Vec<String> = text
        .lines()
        .map(|line| fill_in(course, page, line))
        .collect();
    Ok(lines.join("\n") + "\n")
}

/// The line, or what its directive stands for.
fn fill_in(course: &Course, page: &Path, line: &str) -> String {
    let directive = line
        .trim()
        .strip_prefix("{{#")
        .and_then(|rest| rest.strip_suffix("}}"))
        .map(|inner| inner.split_once(' ').unwrap_or((inner, "")));
    let Some((name, argument)) = directive else {
        return line.to_owned();
    };
    let argument = argument.trim();
    let filled = match name {
        "include" | "rustdoc_include" => include(page, argument),
        "stub" => stub_of(course, argument),
        "trace" => stored(course, "exercises", "checks/snapshots", argument),
        "run" => stored(course, "chapters", "tests/snapshots", argument)
            .map(|output| format!("```console\n$ cargo run -q --bin {argument}\n{output}\n```")),
        "exercise" => exercise(course, argument),
        "repair" => repair::block(course, argument).ok(),
        "play" => Some(in_the_browser("This run can be stepped through")),
        "sections" => Some(in_the_browser("The table of this chapter's sections is")),
        "map" => Some(in_the_browser("The table of the course is")),
        "picture" => Some(in_the_browser("A picture of this run is")),
        _ => None,
    };
    filled.unwrap_or_else(|| format!("({argument} is not there)"))
}

/// What stands for a part of a page that a terminal cannot show.
#[must_use]
pub fn in_the_browser(what: &str) -> String {
    format!("▸ {what} in the browser (cargo learn book)")
}

/// `path.rs`, `path.rs:anchor`, `path.rs:3` or `path.rs:3:5`, relative to the page.
fn include(page: &Path, argument: &str) -> Option<String> {
    let (file, part) = argument.split_once(':').unwrap_or((argument, ""));
    let text = files::read_text(&page.parent()?.join(file)).ok()?;
    let text = files::normalise(&text);
    let lines: Vec<&str> = text.lines().collect();
    let chosen = match part
        .split(':')
        .map(str::parse)
        .collect::<Result<Vec<usize>, _>>()
    {
        Ok(range) => {
            let first = range.first().copied().unwrap_or(1).max(1);
            let last = range.get(1).copied().unwrap_or(first).min(lines.len());
            lines.get(first - 1..last)?.to_vec()
        }
        Err(_) if part.is_empty() => lines,
        Err(_) => anchored(&lines, part)?,
    };
    let program: Vec<&str> = chosen
        .into_iter()
        .filter(|line| !stub::is_mark(line))
        .collect();
    Some(at_the_margin(&program))
}

/// The lines without the indentation that all of them share.
fn at_the_margin(lines: &[&str]) -> String {
    let indentation = |line: &&&str| line.len() - line.trim_start().len();
    let shared = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| indentation(&line))
        .min();
    let shared = shared.unwrap_or(0);
    let moved: Vec<&str> = lines
        .iter()
        .map(|line| line.get(shared..).unwrap_or_default())
        .collect();
    moved.join("\n")
}

/// The lines between `ANCHOR: name` and `ANCHOR_END: name`.
fn anchored<'a>(lines: &[&'a str], name: &str) -> Option<Vec<&'a str>> {
    let at = |mark: &str| {
        lines
            .iter()
            .position(|line| line.trim().ends_with(&format!("{mark}: {name}")))
    };
    let (begin, end) = (at("ANCHOR")?, at("ANCHOR_END")?);
    Some(lines.get(begin + 1..end)?.to_vec())
}

fn stub_of(course: &Course, argument: &str) -> Option<String> {
    let answer = match id::find(course, argument) {
        Ok(exercise) => exercise.answer.clone(),
        Err(_) => course.root.join(argument),
    };
    let derived = stub::derive(&files::read_text(&answer).ok()?).ok()?;
    Some(derived.trim_end().to_owned())
}

/// The snapshot `name` of some chapter.
fn stored(course: &Course, parent: &str, folder: &str, name: &str) -> Option<String> {
    let candidates = fs::read_dir(course.root.join(parent)).ok()?.flatten();
    let paths = candidates
        .map(|entry| -> PathBuf { entry.path().join(folder).join(format!("{name}.snap")) });
    let text = files::read_text(&paths.filter(|path| path.is_file()).min()?).ok()?;
    Some(
        snapshot::body(&files::normalise(&text))
            .trim_end()
            .to_owned(),
    )
}

fn exercise(course: &Course, argument: &str) -> Option<String> {
    let exercise = id::find(course, argument).ok()?;
    Some(format!(
        "Exercise {} {}: {} ({} min). cargo learn check {}",
        exercise.number,
        exercise.title,
        course.shown(&exercise.source),
        exercise.minutes,
        exercise.name()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_what_stands_between_its_marks() {
        let lines = ["a", "// ANCHOR: x", "b", "c", "// ANCHOR_END: x", "d"];
        assert_eq!(anchored(&lines, "x"), Some(vec!["b", "c"]));
        assert_eq!(anchored(&lines, "y"), None);
    }
}
