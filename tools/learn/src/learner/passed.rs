//! Which version of a file passed its check last, so that it need not be checked again to be used.
//!
//! That an exercise was solved once says nothing of its file as it is now; progress remembers the one, this the other. It is a
//! note in the build folder: without it, a check is run again.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use course::course::{Course, Exercise};
use course::files;

/// Remembers that the version with this hash passed. If that cannot be written, nothing is lost but time.
pub fn remember(course: &Course, exercise: &Exercise, hash: &str) {
    let _ = files::write_whole(&note(course, exercise), &entry(exercise, hash));
}

/// Remembers the versions with these hashes in a note of its own: the right answers that `verify` has tried.
///
/// # Errors
///
/// One sentence if the note cannot be written.
pub fn remember_others(course: &Course, exercise: &Exercise, hashes: &[String]) -> Result<()> {
    let note = note(course, exercise).with_extension("others");
    let lines: String = hashes.iter().map(|hash| entry(exercise, hash)).collect();
    if lines.is_empty() && !note.exists() {
        return Ok(());
    }
    files::write_if_changed(&note, &lines)
}

/// Whether this very text is known to have passed the check as it is now.
#[must_use]
pub fn is_known(course: &Course, exercise: &Exercise, text: &str) -> bool {
    let entry = entry(exercise, &files::hash(text));
    let note = note(course, exercise);
    let is_in = |note: PathBuf| fs::read_to_string(note).is_ok_and(|known| known.contains(&entry));
    is_in(note.with_extension("others")) || is_in(note)
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
