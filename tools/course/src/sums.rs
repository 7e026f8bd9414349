//! `SHA256SUMS`: the checks and snapshots as the course ships them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::course::{Course, Exercise};
use crate::files;

/// The name of the file, in the folder of a chapter's checks.
pub const FILE: &str = "SHA256SUMS";

/// What is wrong with the check of one exercise, as a sentence; `None` if it is as the course ships it.
///
/// Without this, an edited expectation would pass a wrong answer.
///
/// # Errors
///
/// If `SHA256SUMS` cannot be read.
pub fn tampering(course: &Course, exercise: &Exercise) -> Result<Option<String>> {
    let folder = exercise.checks_folder();
    let sums = read(folder)?;
    let check = format!("{}.rs", exercise.slug);
    if !sums.contains_key(&check) {
        return Ok(Some(format!(
            "{} is not listed in {FILE}, so `cargo learn` cannot tell whether it is the course's own. If you maintain the course, \
             `cargo learn verify --write` lists it.",
            course.shown(&exercise.check)
        )));
    }
    for (name, sum) in sums.iter().filter(|(name, _)| belongs(name, exercise)) {
        let path = folder.join(name);
        let shown = course.shown(&path);
        match files::read_text(&path) {
            Ok(text) if files::hash(&text) == *sum => {}
            Ok(_) => {
                return Ok(Some(format!(
                    "{shown} is not as the course ships it, so it cannot judge your code. `git checkout -- {shown}` brings it back."
                )));
            }
            Err(_) => {
                return Ok(Some(format!(
                    "{shown} cannot be read, so nothing can judge your code. `git checkout -- {shown}` brings it back."
                )));
            }
        }
    }
    Ok(None)
}

/// The lines of `SHA256SUMS` about one exercise.
#[must_use]
pub fn listed(exercise: &Exercise) -> String {
    let sums = read(exercise.checks_folder()).unwrap_or_default();
    sums.iter()
        .filter(|(name, _)| belongs(name, exercise))
        .map(|(name, sum)| format!("{sum}  {name}\n"))
        .collect()
}

/// Whether a check, a module of one, or a snapshot is this exercise's.
fn belongs(name: &str, exercise: &Exercise) -> bool {
    *name == format!("{}.rs", exercise.slug)
        || name.starts_with(&format!("{}/", exercise.slug))
        || name.starts_with(&format!("snapshots/{}__", exercise.slug))
}

/// What `SHA256SUMS` of a folder of checks should say.
///
/// # Errors
///
/// If a file cannot be read.
pub fn compute(folder: &Path) -> Result<String> {
    let mut lines = String::new();
    for path in listed_files(folder) {
        let sum = files::hash(&files::read_text(&path)?);
        lines.push_str(&format!("{sum}  {}\n", files::shown(folder, &path)));
    }
    Ok(lines)
}

/// The sums of a folder, by the file's name. A missing file has none.
fn read(folder: &Path) -> Result<BTreeMap<String, String>> {
    let text = files::read_if_there(&folder.join(FILE))?.unwrap_or_default();
    Ok(text
        .lines()
        .filter_map(|line| line.split_once("  "))
        .map(|(sum, name)| (name.to_owned(), sum.to_owned()))
        .collect())
}

/// Every check, module of a check and snapshot, sorted by name. The modules of `oneshot.rs` are in the folder `oneshot`.
fn listed_files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = files::with_ending(folder, "rs");
    let modules = files.iter().map(|check| check.with_extension(""));
    let modules: Vec<PathBuf> = modules
        .flat_map(|modules| files::with_ending(&modules, "rs"))
        .collect();
    files.extend(modules);
    files.extend(files::with_ending(&folder.join("snapshots"), "snap"));
    files.sort();
    files
}
