//! `cargo learn hint`: the next, stronger hint each time.

use anyhow::{Result, bail};

use crate::id;
use crate::judging::check;
use crate::learner::progress::Progress;
use crate::screen::markdown;
use crate::screen::paint::{Ink, Paint};
use course::about::About;
use course::course::{Course, Exercise, Kind};
use course::files;

/// Prints the next hint for an exercise, or for the one that comes next.
///
/// # Errors
///
/// If there is no such exercise, or it has no hints.
pub fn run(course: &Course, id: Option<&str>) -> Result<()> {
    let exercise = id::find_or_next(course, id)?;
    print!("{}", next(course, exercise, Paint::for_stdout())?);
    if is_untouched_hunt(exercise) {
        println!(
            "\n The run of the program as it stands: cargo learn check {}",
            exercise.name()
        );
    }
    Ok(())
}

/// Whether a hint speaks of a run that the learner may not have seen: nothing of theirs was checked yet.
fn is_untouched_hunt(exercise: &Exercise) -> bool {
    exercise.kind == Kind::Debug
        && files::read_text(&exercise.source).is_ok_and(|text| check::is_stub(exercise, &text))
}

/// The next hint, which counts as given. After the last one it is the last one again.
///
/// # Errors
///
/// If the exercise has no hints, or progress cannot be written.
pub fn next(course: &Course, exercise: &Exercise, paint: Paint) -> Result<String> {
    let about = About::read(exercise)?;
    let all = about.hints.len();
    if all == 0 {
        bail!("{} has no hints yet.", exercise.id);
    }
    let progress = Progress::update(course, |progress| {
        let given = progress.hints.entry(exercise.id.clone()).or_default();
        *given = (*given + 1).min(all);
    })?;
    let number = progress.hints[&exercise.id];
    let last = if number == all { ", the last" } else { "" };
    let title = format!(
        "{} {}: hint {number} of {all}{last}",
        exercise.number,
        exercise.name()
    );
    Ok(format!(
        "{}\n\n{}",
        paint.ink(Ink::Strong, &title),
        markdown::draw(&about.hints[number - 1], paint)
    ))
}

/// Whether every hint has been given.
#[must_use]
pub fn is_over(exercise: &Exercise, progress: &Progress) -> bool {
    let given = progress.hints.get(&exercise.id).copied().unwrap_or(0);
    About::read(exercise).is_ok_and(|about| given >= about.hints.len())
}

/// What the key for a hint shows: `hint (1 of 3)`, and `last hint again` once all are given.
#[must_use]
pub fn position(exercise: &Exercise, progress: &Progress) -> Option<String> {
    let all = About::read(exercise).ok()?.hints.len();
    let given = progress.hints.get(&exercise.id).copied().unwrap_or(0);
    match all {
        0 => None,
        all if given >= all => Some("last hint again".to_owned()),
        all => Some(format!("hint ({} of {all})", given + 1)),
    }
}
