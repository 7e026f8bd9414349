//! Plain `cargo learn`: where am I, what is next; checks the current exercise at each save.
//!
//! ```text
//! keys, saves, runner ──▶ event ──▶ session ──▶ state ──▶ view ──▶ terminal
//!                                      │ ▲        │
//!                                      └─┴─wishes─┘  what a key asks for
//! ```
//!
//! `state` knows what a key means, and touches nothing; `view` draws a state, and knows nothing else; `session` does the rest.
//!
//! Without the feature `screen` there is the plain mode only: verdicts one below the other.

#[cfg(feature = "screen")]
mod bar;
#[cfg(feature = "screen")]
#[cfg(feature = "screen")]
mod drawing;
#[cfg(feature = "screen")]
mod event;
#[cfg(feature = "screen")]
mod keys;
#[cfg(feature = "screen")]
mod list;
#[cfg(feature = "screen")]
mod map;
mod plain;
#[cfg(feature = "screen")]
mod runner;
mod saves;
#[cfg(feature = "screen")]
mod session;
#[cfg(feature = "screen")]
mod state;
mod status;
#[cfg(feature = "screen")]
mod terminal;
#[cfg(all(test, feature = "screen"))]
mod tests_data;
#[cfg(feature = "screen")]
mod view;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::Result;

#[cfg(feature = "screen")]
pub use terminal::give_back;

use crate::id;
use crate::learner::progress::Progress;
use crate::screen::paint::Paint;
use crate::stop::Stop;
use course::course::Course;

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
    #[cfg(feature = "screen")]
    if !plain::is_all_there_is() {
        session::Session::begin(course, exercise, poll, stop)?.run()?;
        return Ok(ExitCode::SUCCESS);
    }
    plain::run(course, exercise, poll, stop)?;
    Ok(ExitCode::SUCCESS)
}

/// Without a screen the terminal is never taken.
#[cfg(not(feature = "screen"))]
pub fn give_back() {}

fn in_a_terminal() -> bool {
    std::io::stdout().is_terminal() && std::io::stdin().is_terminal()
}
