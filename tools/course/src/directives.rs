//! What a page can ask for, each on a line of its own, and what stands for it. How that is drawn, the book and the terminal decide.
//!
//! | directive | asks for |
//! |---|---|
//! | `{{#run ch01-1-an-iterator}}` | a chapter's program and what it prints |
//! | `{{#trace countdown__from_three}}` | the snapshot of a check, or of a chapter's test |
//! | `{{#picture join__both_wait}}` | the run in a check's snapshot; `{{#picture oneshot/first-waker-only}}`: that of a known mistake |
//! | `{{#play join}}` | a run to step through |
//! | `{{#stub countdown}}` | the stub of an exercise, or of a marked file |
//! | `{{#exercise countdown}}` | an exercise |
//! | `{{#repair wakers/block-on/busy-poll}}` | a known mistake beside its repair |
//! | `{{#sections}}`, `{{#map}}` | the sections of a chapter; the chapters |
//! | `{{#chart memory}}` | a column of the measurements' record, as bars |
//! | `{{#routes}}`, `{{#mistakes}}` | the table of the routes; the tables of the named mistakes |
//! | `{{#taught}}` | the exercises that teach the mistake of this page, and their pages |
//! | `{{#clone}}` | how to get the course, in a book that is published |
//! | `{{#include FILE:ANCHOR}}` | a part of a file |
//!
//! A backslash before the braces leaves a directive as it stands.

use std::fs;
use std::path::{Path, PathBuf};

use crate::course::{Course, Exercise};
use crate::figures::Chart;
use crate::files;
use crate::id;
use crate::mistakes;
use crate::repair;
use crate::snapshot;
use crate::stub;
use crate::tables;
use crate::taught;

/// What stands for a directive.
#[derive(Debug, Clone)]
pub enum Asked<'a> {
    /// A chapter's program, and what it prints.
    Run {
        /// The binary's name.
        program: &'a str,
        /// What the program prints.
        output: String,
    },
    /// The text of a snapshot.
    Trace(String),
    /// A run to be drawn.
    Picture {
        /// What the page calls it.
        name: &'a str,
        /// Its text.
        run: String,
    },
    /// A run to be stepped through: the argument as it stands.
    Play(&'a str),
    /// The lines of a stub.
    Stub(String),
    /// A column of the record of the measurements.
    Chart {
        /// Which.
        argument: &'a str,
        /// Its bars.
        chart: Chart,
    },
    /// An exercise.
    Exercise(&'a Exercise),
    /// A repair, as a Markdown block.
    Repair(String),
    /// The sections of the page's chapter.
    Sections,
    /// All parts and chapters.
    Map,
    /// How to get the course: for readers who do not have it yet.
    Clone,
    /// A table, as Markdown.
    Table(String),
    /// Lines of a file.
    Include(String),
}

/// What a line of a page asks for; `None` if it is no directive that the course knows, else what stands for it, or one sentence
/// that says what is missing.
#[must_use]
pub fn read<'a>(
    course: &'a Course,
    page: &Path,
    line: &'a str,
) -> Option<Result<Asked<'a>, String>> {
    let (name, argument) = split(line)?;
    Some(match name {
        "run" => output(course, argument).map(|output| Asked::Run {
            program: argument,
            output,
        }),
        "trace" => trace(course, argument).map(Asked::Trace),
        "picture" => picture(course, argument).map(|run| Asked::Picture {
            name: argument,
            run,
        }),
        "play" => Ok(Asked::Play(argument)),
        "chart" => chart(course, argument).map(|chart| Asked::Chart { argument, chart }),
        "stub" => stub_of(course, argument).map(Asked::Stub),
        "exercise" => exercise(course, argument).map(Asked::Exercise),
        "repair" => {
            let block = repair::block(course, argument);
            block
                .map(Asked::Repair)
                .map_err(|error| format!("{error:#}"))
        }
        "sections" => Ok(Asked::Sections),
        "map" => Ok(Asked::Map),
        "clone" => Ok(Asked::Clone),
        "routes" => table(tables::of_routes(course)),
        "mistakes" => table(tables::of_mistakes(course)),
        "taught" => taught::lines(course, &mistakes::code_of(page)).map(Asked::Table),
        "include" | "rustdoc_include" => include(page, argument)
            .map(Asked::Include)
            .ok_or_else(|| format!("no such lines: {argument}")),
        _ => return None,
    })
}

fn table<'a>(table: anyhow::Result<String>) -> Result<Asked<'a>, String> {
    table
        .map(Asked::Table)
        .map_err(|error| format!("{error:#}"))
}

/// The name and the argument of the directive that a line is.
#[must_use]
pub fn split(line: &str) -> Option<(&str, &str)> {
    let inner = line.trim().strip_prefix("{{#")?.strip_suffix("}}")?;
    let (name, argument) = inner.split_once(' ').unwrap_or((inner, ""));
    Some((name, argument.trim()))
}

/// The exercise that a page names.
///
/// # Errors
///
/// One sentence if there is none, or more than one.
pub fn exercise<'a>(course: &'a Course, id: &str) -> Result<&'a Exercise, String> {
    id::find(course, id).map_err(|_| format!("no exercise is called {id}"))
}

/// The snapshot of a chapter's test, without its header.
///
/// # Errors
///
/// One sentence if there is none.
pub fn of_a_chapter(course: &Course, name: &str) -> Result<String, String> {
    stored(course, "chapters", "tests/snapshots", name)
}

/// The snapshot of a check, without its header.
///
/// # Errors
///
/// One sentence if there is none.
pub fn of_a_check(course: &Course, name: &str) -> Result<String, String> {
    stored(course, "exercises", "checks/snapshots", name)
}

/// A program that needs more than its chapter may use, such as the server of a later one, belongs to a tool.
fn output(course: &Course, program: &str) -> Result<String, String> {
    let of_a_chapter = of_a_chapter(course, program);
    of_a_chapter
        .or_else(|none| stored(course, "tools", "tests/snapshots", program).map_err(|_| none))
}

fn trace(course: &Course, name: &str) -> Result<String, String> {
    let of_a_check = of_a_check(course, name);
    of_a_check.or_else(|none| of_a_chapter(course, name).map_err(|_| none))
}

fn picture(course: &Course, name: &str) -> Result<String, String> {
    let Some((id, code)) = name.rsplit_once('/') else {
        return of_a_check(course, name);
    };
    let exercise = exercise(course, id)?;
    let mistake = mistakes::find(exercise, code).map_err(|error| error.to_string())?;
    let run = mistake.run();
    files::read_text(&run).map_err(|_| format!("no such file: {}", course.shown(&run)))
}

fn chart(course: &Course, argument: &str) -> Result<Chart, String> {
    let path = course
        .root
        .join("book/figures")
        .join(Chart::record(argument));
    let record = files::read_text(&path).map_err(|error| error.to_string())?;
    Chart::read(&files::normalise(&record), argument)
}

fn stub_of(course: &Course, argument: &str) -> Result<String, String> {
    let answer = match argument.ends_with(".rs") {
        true => course.root.join(argument),
        false => exercise(course, argument)?.answer.clone(),
    };
    let shown = course.shown(&answer);
    let text = files::read_text(&answer).map_err(|_| format!("no such file: {shown}"))?;
    let stub =
        stub::derive(&files::normalise(&text)).map_err(|fault| format!("{shown}: {fault}"))?;
    Ok(stub.trim_end().to_owned())
}

/// The text of `NAME.snap` in a folder of some chapter.
fn stored(course: &Course, parent: &str, folder: &str, name: &str) -> Result<String, String> {
    let none = || format!("no {parent}/*/{folder}/{name}.snap");
    let chapters = fs::read_dir(course.root.join(parent)).map_err(|_| none())?;
    let paths = chapters
        .flatten()
        .map(|entry| -> PathBuf { entry.path().join(folder).join(format!("{name}.snap")) });
    let path = paths.filter(|path| path.is_file()).min().ok_or_else(none)?;
    let text = files::read_text(&path).map_err(|error| error.to_string())?;
    Ok(snapshot::body(&files::normalise(&text))
        .trim_end()
        .to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directive_stands_on_a_line_of_its_own() {
        assert_eq!(split("{{#run ch01-hello}}"), Some(("run", "ch01-hello")));
        assert_eq!(split("{{#map}}"), Some(("map", "")));
        assert_eq!(split("\\{{#map}}"), None);
        assert_eq!(split("see {{#map}}"), None);
    }

    #[test]
    fn an_unknown_exercise_is_refused_with_its_name() {
        let course = Course::new(PathBuf::new(), PathBuf::new(), Vec::new());
        let page = Path::new("map.md");
        let answer = read(&course, page, "{{#exercise runing-average}}").unwrap();
        assert_eq!(answer.unwrap_err(), "no exercise is called runing-average");
    }

    #[test]
    fn an_anchor_is_what_stands_between_its_marks() {
        let lines = ["a", "// ANCHOR: x", "b", "c", "// ANCHOR_END: x", "d"];
        assert_eq!(anchored(&lines, "x"), Some(vec!["b", "c"]));
        assert_eq!(anchored(&lines, "y"), None);
    }
}
