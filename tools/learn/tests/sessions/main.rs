//! The real program, run on a small course of the tests' own.

#[cfg(unix)]
mod classes;
mod commands;
mod hunts;
mod mine;
mod own_exercises;
mod progress;
mod promises;
mod sample;
#[cfg(unix)]
mod saves;
mod tampering;
#[cfg(unix)]
mod terminal;
mod traces;
mod updates;
mod verdicts;
mod verify;
#[cfg(unix)]
mod watching;
