//! `cargo learn reset`: the stub again. The course keeps the learner's version aside.

use anyhow::{Context as _, Result, bail};

use crate::commands::question;
use crate::id;
use crate::judging::check;
use crate::learner::keep;
use crate::learner::progress::{self, Progress};
use course::course::{Course, Exercise};
use course::files;
use course::stub;

/// Writes the stub of an exercise, or of the one that comes next, and says where the learner's version is. Asks first, unless
/// there is no version to replace.
///
/// # Errors
///
/// If there is no such exercise, if the learner did not say yes, or if the learner's version cannot be kept: then nothing is
/// replaced.
pub fn run(course: &Course, id: Option<&str>, yes: bool) -> Result<()> {
    let exercise = id::find_or_next(course, id)?;
    if !yes && replaces_something(exercise) && !confirmed(course, exercise)? {
        bail!("Nothing was changed.");
    }
    println!("{}", reset(course, exercise)?);
    Ok(())
}

/// Whether the file holds anything but the stub.
fn replaces_something(exercise: &Exercise) -> bool {
    match files::read_if_there(&exercise.source) {
        Ok(None) => false,
        Ok(Some(text)) => !check::is_stub(exercise, &text),
        Err(_) => true,
    }
}

fn confirmed(course: &Course, exercise: &Exercise) -> Result<bool> {
    let (name, file) = (exercise.name(), course.shown(&exercise.source));
    let otherwise = format!(
        "{file} holds your version. `cargo learn reset {name} --yes` writes the stub in its place, and keeps your version in \
         .learn/kept."
    );
    let question = format!(
        "Put {} {name} back to its beginning? The course keeps your version of {file} in .learn/kept.",
        exercise.number
    );
    question::ask(&question, &otherwise)
}

/// Writes the stub, and returns the sentence that says where the learner's version is.
///
/// # Errors
///
/// As [`run`].
pub fn reset(course: &Course, exercise: &Exercise) -> Result<String> {
    let answer = files::read_text(&exercise.answer)?;
    let derived = stub::derive(&answer).with_context(|| {
        format!(
            "the marks in {} are damaged",
            course.shown(&exercise.answer)
        )
    })?;
    let source = course.shown(&exercise.source);
    let kept = put_aside(course, exercise, &derived)?;
    files::write_whole(&exercise.source, &derived)?;
    Progress::update(course, |progress| progress.begins_anew(&exercise.id))?;
    Ok(match kept {
        Some(place) => format!("{source} is the stub again. Your version is kept as {place}."),
        None => format!("{source} is the stub."),
    })
}

/// Where the learner's version went, if there was one that differs from the stub. What is not a text is moved as it is.
fn put_aside(course: &Course, exercise: &Exercise, derived: &str) -> Result<Option<String>> {
    let source = &exercise.source;
    let place = match files::read_if_there(source) {
        Ok(None) => return Ok(None),
        Ok(Some(text)) if text == *derived => return Ok(None),
        Ok(Some(text)) => keep::aside(course, source, &text)?,
        Err(_) => {
            let kept = progress::folder(course)
                .join("kept")
                .join(course.shown(source));
            let place = progress::unused(&kept, "kept");
            place
                .parent()
                .map_or(Ok(()), std::fs::create_dir_all)
                .and_then(|()| std::fs::rename(source, &place))
                .with_context(|| format!("{} cannot be put aside", source.display()))?;
            place
        }
    };
    Ok(Some(course.shown(&place)))
}
