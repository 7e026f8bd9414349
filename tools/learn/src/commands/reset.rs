//! `cargo learn reset ID`: the stub again. The learner's version is kept aside.

use anyhow::{Context as _, Result};

use crate::course::{Course, Exercise};
use crate::id;
use crate::learner::files;
use crate::learner::keep;
use crate::learner::progress::{self, Progress};
use crate::stub;

/// Writes the stub, and says where the learner's version is.
///
/// # Errors
///
/// If there is no such exercise, or if the learner's version cannot be kept: then nothing is replaced.
pub fn run(course: &Course, id: &str) -> Result<()> {
    println!("{}", reset(course, id::find(course, id)?)?);
    Ok(())
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
