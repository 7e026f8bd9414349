//! `cargo learn solution ID`: the reference answer.

use std::io::{IsTerminal as _, Write as _};

use anyhow::{Result, bail};

use crate::course::{Course, Exercise};
use crate::id;
use crate::learner::files;
use crate::learner::progress::{Progress, State};
use crate::stub;

/// Prints the answer: freely once the exercise is solved, else after a confirmation.
///
/// # Errors
///
/// If there is no such exercise, or nobody confirmed.
pub fn run(course: &Course, id: &str, yes: bool) -> Result<()> {
    let exercise = id::find(course, id)?;
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
    let answer = files::normalise(&files::read_text(&exercise.answer)?);
    let program: Vec<&str> = answer.lines().filter(|line| !stub::is_mark(line)).collect();
    Ok(format!(
        "// {}\n{}\n",
        course.shown(&exercise.answer),
        program.join("\n")
    ))
}

fn confirmed(exercise: &Exercise) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!(
            "You have not solved {} yet. `cargo learn solution {} --yes` shows the answer all the same; `cargo learn hint {}` \
             may be the better step.",
            exercise.id,
            exercise.name(),
            exercise.name()
        );
    }
    eprint!(
        "You have not solved {} yet. Show the answer all the same? [y/N] ",
        exercise.id
    );
    std::io::stderr().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}
