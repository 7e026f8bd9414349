//! `cargo learn mistake ID CODE`: a known mistake, written out to be changed, or kept.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::course::{Course, Exercise};
use crate::id;
use crate::learner::files;
use crate::mistakes;

/// Writes out a known mistake and says where; with `save`, keeps that file as the known mistake.
///
/// # Errors
///
/// One sentence if there is no such exercise or mistake, if what was written out before has changes that nothing has kept, or if
/// the file to keep is no wrong program.
pub fn run(course: &Course, id: &str, code: &str, save: Option<&Path>) -> Result<()> {
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
    let path = mistakes::workbench(course, exercise, code);
    let shown = course.shown(&path);
    if files::read_if_there(&path)?.is_some_and(|there| there != files::normalise(&program)) {
        bail!(
            "{shown} has changes. Keep them with `cargo learn mistake {} {code} --save {shown}`, or remove the file.",
            exercise.name()
        );
    }
    files::write_if_changed(&path, &program)?;
    println!("{shown}");
    Ok(())
}

fn keep(course: &Course, exercise: &Exercise, code: &str, file: &Path) -> Result<()> {
    let program = files::read_text(file)?;
    let kept = mistakes::save(exercise, code, &program)
        .with_context(|| format!("{} is not kept", file.display()))?;
    println!("{}: written", course.shown(&kept));
    let path = mistakes::workbench(course, exercise, code);
    if path.is_file() {
        let program = mistakes::find(exercise, code)?.program(exercise)?;
        files::write_if_changed(&path, &program)?;
    }
    Ok(())
}
