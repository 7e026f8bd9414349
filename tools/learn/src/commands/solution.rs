//! `cargo learn solution`: the reference answer.

use anyhow::{Result, bail};

use crate::commands::question;
use crate::id;
use crate::learner::progress::{Progress, State};
use course::course::{Course, Exercise};
use course::files;
use course::stub;

/// Prints the answer of an exercise, or of the one that comes next: at once if the exercise is solved, otherwise after a
/// question.
///
/// # Errors
///
/// If there is no such exercise, or the learner did not say yes.
pub fn run(course: &Course, id: Option<&str>, yes: bool) -> Result<()> {
    let exercise = id::find_or_next(course, id)?;
    let solved = Progress::read(course)?.state(exercise) == State::Solved;
    if !solved && !yes && !confirmed(exercise)? {
        bail!("Not shown.");
    }
    print!("{}", text(course, exercise)?);
    Ok(())
}

/// The answer without the course's marks, and where it is.
///
/// # Errors
///
/// If it cannot be read.
pub fn text(course: &Course, exercise: &Exercise) -> Result<String> {
    Ok(format!(
        "// {}\n{}",
        course.shown(&exercise.answer),
        program(exercise)?
    ))
}

/// The answer without the course's marks.
///
/// # Errors
///
/// If it cannot be read.
pub fn program(exercise: &Exercise) -> Result<String> {
    let answer = files::normalise(&files::read_text(&exercise.answer)?);
    let program: Vec<&str> = answer.lines().filter(|line| !stub::is_mark(line)).collect();
    Ok(program.join("\n") + "\n")
}

fn confirmed(exercise: &Exercise) -> Result<bool> {
    let name = exercise.name();
    let otherwise = format!(
        "You have not solved {} yet. `cargo learn solution {name} --yes` shows the answer now; `cargo learn hint \
         {name}` may be the better step.",
        exercise.id
    );
    let question = format!(
        "You have not solved {} yet. Show the answer now?",
        exercise.id
    );
    question::ask(&question, &otherwise)
}
