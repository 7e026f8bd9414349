//! `cargo learn mistake ID CODE`: a known mistake, written out to be changed, or kept.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use course::course::{Course, Exercise};
use course::files;
use course::id;
use course::mistakes::{self, EDIT, WHOLE};

use crate::difference;

/// An edit that is longer than this part of the wrong program, in percent, is kept as a whole program instead.
const MOST: usize = 75;

/// Writes out a known mistake and says where; with `save`, keeps that file as the known mistake.
///
/// # Errors
///
/// One sentence if there is no such exercise or mistake, if what was written out before has changes that nothing has kept, or if
/// the file to keep is no wrong program.
pub(crate) fn run(course: &Course, id: &str, code: &str, save: Option<&Path>) -> Result<()> {
    let exercise = id::find(course, id)?;
    match save {
        Some(file) => keep(course, exercise, code, file),
        None => write_out(course, exercise, code),
    }
}

fn write_out(course: &Course, exercise: &Exercise, code: &str) -> Result<()> {
    let mistake = mistakes::find(exercise, code)?;
    let program = mistake
        .program(exercise)
        .with_context(|| course.shown(&mistake.file))?;
    let path = workbench(course, exercise, code);
    let shown = course.shown(&path);
    if files::read_if_there(&path)?.is_some_and(|there| there != files::normalise(&program)) {
        bail!(
            "{shown} has changes. Store them with `cargo learn mistake {} {code} --save {shown}`, or remove the file.",
            exercise.name()
        );
    }
    files::write_if_changed(&path, &program)?;
    println!("{shown}");
    Ok(())
}

fn keep(course: &Course, exercise: &Exercise, code: &str, file: &Path) -> Result<()> {
    let program = files::read_text(file)?;
    let kept = store(exercise, code, &program)
        .with_context(|| format!("{} is not stored", file.display()))?;
    println!("{}: written", course.shown(&kept));
    let path = workbench(course, exercise, code);
    if path.is_file() {
        let program = mistakes::find(exercise, code)?.program(exercise)?;
        files::write_if_changed(&path, &program)?;
    }
    Ok(())
}

/// Where a maintainer opens and changes a known mistake.
fn workbench(course: &Course, exercise: &Exercise, name: &str) -> PathBuf {
    mistakes::place(course, "mistakes", exercise, name)
}

/// Keeps a wrong program as a known mistake, as an edit if it shares enough with the answer, and returns the file.
fn store(exercise: &Exercise, name: &str, program: &str) -> Result<PathBuf> {
    if !is_name(name) {
        bail!("`{name}` is no name of a mistake: write it like `off-by-one`, or `off-by-one.2`.");
    }
    let answer = files::read_text(&exercise.answer)?;
    let edit = difference::between(&answer, program)?;
    edit.apply(&answer)
        .context("this is a fault of the course's own tools")?;
    let file = |ending: &str| exercise.mistakes.join(format!("{name}.{ending}"));
    let edit = edit.to_string();
    let is_long = 100 * edit.lines().count() > MOST * program.lines().count();
    let (kept, other, text) = match is_long {
        true => (file(WHOLE), file(EDIT), files::normalise(program)),
        false => (file(EDIT), file(WHOLE), edit),
    };
    files::write_whole(&kept, &text)?;
    if other.is_file() {
        fs::remove_file(&other)
            .with_context(|| format!("{} cannot be removed", other.display()))?;
    }
    Ok(kept)
}

/// `off-by-one` or `off-by-one.2`.
fn is_name(name: &str) -> bool {
    let (code, number) = name.split_once('.').unwrap_or((name, "2"));
    let in_code = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    !code.is_empty() && code.chars().all(in_code) && number.parse::<u32>().is_ok()
}
