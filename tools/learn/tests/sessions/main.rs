//! The real program, run on a small course of the tests' own.

mod beyond_single_verdicts;
mod breaking;
#[cfg(unix)]
mod classes;
mod commands;
mod debugging;
mod mine;
mod own_exercises;
mod progress;
mod routes;
mod sample;
#[cfg(unix)]
mod saves;
mod tampering;
#[cfg(unix)]
mod terminal;
mod traces;
mod updates;
mod verdicts;
mod walk_through;
#[cfg(unix)]
mod watching;

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_learn");
