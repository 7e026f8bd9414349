//! Plain `cargo learn`: where am I, what is next; checks the current exercise at each save.
//!
//! ```text
//! keys, saves, runner ──▶ event ──▶ session ──▶ state ──▶ view ──▶ terminal
//!                                      │ ▲        │
//!                                      └─┴─wishes─┘  what a key asks for
//! ```
//!
//! `state` knows what a key means, and touches nothing; `view` draws a state, and knows nothing else; `session` does the rest.

mod drawing;
mod event;
mod keys;
mod list;
mod map;
mod plain;
mod runner;
mod saves;
mod session;
mod state;
mod status;
mod terminal;
#[cfg(test)]
mod tests_data;
mod view;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::Result;

pub use terminal::give_back;

use crate::course::Course;
use crate::id;
use crate::learner::progress::Progress;
use crate::screen::paint::Paint;
use crate::stop::Stop;

/// Watches an exercise, or the one that comes next. Without a terminal it prints where the learner is, and what is next.
///
/// # Errors
///
/// If there is no such exercise, or progress cannot be read.
pub fn run(course: &Course, id: Option<&str>, poll: bool, stop: &Stop) -> Result<ExitCode> {
    let progress = Progress::read(course)?;
    let exercise = match id {
        Some(id) => Some(id::find(course, id)?),
        None => progress.next(course),
    };
    let Some(exercise) = exercise.filter(|_| in_a_terminal()) else {
        print!(
            "{}",
            status::text(course, &progress, exercise, Paint::for_stdout())
        );
        return Ok(ExitCode::SUCCESS);
    };
    if plain::is_all_there_is() {
        plain::run(course, exercise, poll, stop)?;
        return Ok(ExitCode::SUCCESS);
    }
    session::Session::begin(course, exercise, poll, stop)?.run()?;
    Ok(ExitCode::SUCCESS)
}

fn in_a_terminal() -> bool {
    std::io::stdout().is_terminal() && std::io::stdin().is_terminal()
}
