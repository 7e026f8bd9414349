//! `cargo learn skip`: on to the next exercise. Nothing is lost, and it shows in the list.

use anyhow::Result;

use crate::id;
use crate::learner::progress::{Progress, State};
use course::course::{Course, Exercise};

/// Skips an exercise, or the one that comes next, and says what comes then.
///
/// # Errors
///
/// If there is no such exercise, or progress cannot be written.
pub fn run(course: &Course, id: Option<&str>) -> Result<()> {
    let exercise = id::find_or_next(course, id)?;
    if Progress::read(course)?.state(exercise) == State::Solved {
        println!(
            "{} {} is solved: there is nothing to skip.",
            exercise.number,
            exercise.name()
        );
        return Ok(());
    }
    let progress = skip(course, exercise)?;
    println!(
        "{} {} is skipped. `cargo learn check {}` takes it up again.",
        exercise.number,
        exercise.name(),
        exercise.name()
    );
    match progress.next(course) {
        Some(next) => println!(
            "next: {} {}, {}",
            next.number,
            next.name(),
            course.shown(&next.source)
        ),
        None => println!("That was the last one."),
    }
    Ok(())
}

/// Remembers that an exercise is skipped.
///
/// # Errors
///
/// If progress cannot be written.
pub fn skip(course: &Course, exercise: &Exercise) -> Result<Progress> {
    Progress::update(course, |progress| {
        progress.skipped.insert(exercise.id.clone());
    })
}
