//! Which version of a file passed its check last, so that it need not be checked again to be used.
//!
//! That an exercise was solved once says nothing of its file as it is now; progress remembers the one, this the other. It is a
//! note in the build folder: without it, a check is run again.

use std::fs;
use std::path::PathBuf;

use course::course::{Course, Exercise};
use course::files;

/// Remembers that the version with this hash passed. If that cannot be written, nothing is lost but time.
pub fn remember(course: &Course, exercise: &Exercise, hash: &str) {
    let _ = files::write_whole(&note(course, exercise), &entry(exercise, hash));
}

/// Whether this very text is known to have passed the check as it is now.
#[must_use]
pub fn is_known(course: &Course, exercise: &Exercise, text: &str) -> bool {
    let known = fs::read_to_string(note(course, exercise));
    known.is_ok_and(|known| known == entry(exercise, &files::hash(text)))
}

fn note(course: &Course, exercise: &Exercise) -> PathBuf {
    let name = format!("{}-{}", exercise.chapter, exercise.short_name());
    course.target.join("passed").join(name)
}

/// The hashes of the chapter's checks and snapshots stand for the check.
fn entry(exercise: &Exercise, hash: &str) -> String {
    let sums = exercise.checks_folder().join(course::sums::FILE);
    let text = |path| files::read_text(path).unwrap_or_default();
    let check = files::hash(&(text(&exercise.check) + &text(&sums)));
    format!("{hash} {check}\n")
}
