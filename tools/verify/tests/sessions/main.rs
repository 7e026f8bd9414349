//! The real program, run on the small course of the command line's tests.

mod findings;
mod kept;
mod own_exercises;
mod skeletons;
mod tries;

#[expect(dead_code, reason = "the command line's tests use more of it")]
#[path = "../../../learn/tests/sessions/sample.rs"]
mod sample;

#[path = "../../../learn/tests/sessions/walk_through.rs"]
mod walk_through;

use crate::sample::{Said, Sample};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_verify");

/// What `verify` says about a course.
pub(crate) fn verify(sample: &Sample, arguments: &[&str]) -> Said {
    sample.learn(arguments)
}

/// What it prints if something is missing.
pub(crate) fn findings(sample: &Sample) -> String {
    let said = verify(sample, &[]);
    assert_eq!(said.status, Some(1), "{}{}", said.stdout, said.stderr);
    said.stdout
}
