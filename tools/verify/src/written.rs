//! What is generated: the stubs, the lists of modules, and the checksums of checks and snapshots.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::Call;
use crate::findings::Findings;
use course::course::{Chapter, Course, Exercise};
use course::files;
use course::modules::{self, Side};
use course::stub;
use course::sums;
use learn::learner::git;
use learn::learner::keep;
use learn::learner::progress;

/// Compares stubs and checksums with what they should be; with `write`, writes them.
pub(crate) fn check(call: &Call<'_>, findings: &mut Findings) -> Result<()> {
    let (course, write) = (call.course, call.arguments.write);
    let mut written = Written::read(course)?;
    for exercise in &call.exercises {
        check_stub(course, exercise, write, &mut written, findings)?;
    }
    let worked_on: BTreeSet<&str> = call
        .exercises
        .iter()
        .map(|exercise| exercise.chapter.as_str())
        .collect();
    for chapter in &course.chapters {
        if worked_on.contains(chapter.folder.as_str()) {
            check_modules(course, chapter, write, findings)?;
        }
    }
    let folders: BTreeSet<&Path> = call
        .exercises
        .iter()
        .map(|exercise| exercise.checks_folder())
        .collect();
    for folder in folders {
        check_sums(course, folder, write, findings)?;
    }
    written.save(course)
}

fn check_stub(
    course: &Course,
    exercise: &Exercise,
    write: bool,
    written: &mut Written,
    findings: &mut Findings,
) -> Result<()> {
    let answer = match files::read_text(&exercise.answer) {
        Ok(answer) => files::normalise(&answer),
        Err(error) => {
            findings.add(
                course,
                &exercise.answer,
                format!("{error} It should be the answer of {}.", exercise.id),
            );
            return Ok(());
        }
    };
    if !stub::has_marks(&answer) {
        findings.add(
            course,
            &exercise.answer,
            "marks no part as the learner's: put it between // YOURS and // YOURS_END.",
        );
        return Ok(());
    }
    let derived = match stub::derive(&answer) {
        Ok(derived) => derived,
        Err(error) => {
            findings.add(course, &exercise.answer, format!("{error}."));
            return Ok(());
        }
    };
    let there = files::read_if_there(&exercise.source)?;
    if there.as_ref() == Some(&derived) {
        return Ok(());
    }
    if !write {
        findings.add(
            course,
            &exercise.source,
            format!(
                "is not the stub of {}: `cargo learn verify --write` writes it.",
                course.shown(&exercise.answer)
            ),
        );
        return Ok(());
    }
    match there {
        Some(text) if !written.may_replace(course, &exercise.source, &text) => findings.add(
            course,
            &exercise.source,
            format!(
                "is neither the stub nor what is committed, so it looks like unsaved work. `cargo learn reset {}` keeps it \
                 aside and writes the stub.",
                exercise.id
            ),
        ),
        there => {
            if let Some(text) = there {
                keep::aside(course, &exercise.source, &text)?;
            }
            files::write_whole(&exercise.source, &derived)?;
            println!("{}: written", course.shown(&exercise.source));
            written.stubs.insert(files::hash(&derived));
        }
    }
    Ok(())
}

/// Both crates must build each exercise and run its check, or plain `cargo test` would pass over it.
fn check_modules(
    course: &Course,
    chapter: &Chapter,
    write: bool,
    findings: &mut Findings,
) -> Result<()> {
    for side in Side::BOTH {
        let path = side.library(course, chapter);
        let text = files::read_if_there(&path)?.unwrap_or_default();
        match modules::derive(course, chapter, side, &text) {
            Some(right) if right == text => {}
            Some(right) if write => {
                files::write_whole(&path, &right)?;
                println!("{}: written", course.shown(&path));
            }
            Some(_) => findings.add(course, &path, "does not list the exercises of chapter.toml: `cargo learn verify --write` writes it."),
            None => findings.add(
                course,
                &path,
                format!("has no line `{}`: write it where the lists of modules begin.", modules::MARK),
            ),
        }
    }
    Ok(())
}

fn check_sums(course: &Course, folder: &Path, write: bool, findings: &mut Findings) -> Result<()> {
    let path = folder.join(sums::FILE);
    let right = sums::compute(folder)?;
    if files::read_if_there(&path)?.as_ref() == Some(&right) {
        return Ok(());
    }
    if write {
        files::write_whole(&path, &right)?;
        println!("{}: written", course.shown(&path));
    } else {
        findings.add(course, &path, "does not fit the checks and snapshots beside it: `cargo learn verify --write` writes it.");
    }
    Ok(())
}

/// The hashes of the stubs that this command wrote here: those it may replace although they are not committed yet.
struct Written {
    stubs: BTreeSet<String>,
}

impl Written {
    fn file(course: &Course) -> PathBuf {
        progress::folder(course).join("written-stubs")
    }

    fn read(course: &Course) -> Result<Written> {
        let text = files::read_if_there(&Written::file(course))?.unwrap_or_default();
        Ok(Written {
            stubs: text.lines().map(str::to_owned).collect(),
        })
    }

    fn save(&self, course: &Course) -> Result<()> {
        if self.stubs.is_empty() {
            return Ok(());
        }
        let lines: String = self.stubs.iter().map(|hash| format!("{hash}\n")).collect();
        files::write_if_changed(&Written::file(course), &lines)
    }

    /// Whether a file holds no unsaved work: it is as committed, or as this command wrote it.
    fn may_replace(&self, course: &Course, path: &Path, text: &str) -> bool {
        self.stubs.contains(&files::hash(text))
            || git::committed(course, path).is_some_and(|committed| committed == *text)
    }
}
