//! The tests of the crate, as one program: each program costs a link.

mod breaking;
mod detectors;
mod recordings;
mod short_runs;
mod verdicts;
