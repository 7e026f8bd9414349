//! The journal of an update: which files the learner had, until they are back.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::learner::git;
use crate::learner::keep;
use crate::learner::progress;
use course::course::Course;
use course::files;

/// The files that must be put back. As long as it is not, a copy of each lies in `.learn/update`.
pub(super) struct Journal {
    folder: PathBuf,
}

impl Journal {
    /// Writes the journal.
    pub(super) fn write<'a>(
        course: &Course,
        files: impl Iterator<Item = (&'a PathBuf, &'a String)>,
    ) -> Result<Journal> {
        let folder = place(course);
        for (path, text) in files {
            files::write_whole(&folder.join(course.shown(path)), text)?;
        }
        Ok(Journal { folder })
    }

    /// Writes every file back, and ends the journal.
    pub(super) fn put_back(self, course: &Course) -> Result<()> {
        put_back(course, &self.folder, &self.folder)?;
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("{} cannot be removed", self.folder.display()))
            }
            _ => Ok(()),
        }
    }
}

/// Puts the learner's files back if an update was interrupted.
///
/// # Errors
///
/// If one cannot be written; its copy is then still there.
pub fn finish_interrupted(course: &Course) -> Result<()> {
    let folder = place(course);
    if !folder.is_dir() {
        return Ok(());
    }
    Journal { folder }.put_back(course)?;
    eprintln!(
        "An update was interrupted. Your files are back as they were; `cargo learn update` tries again."
    );
    Ok(())
}

fn place(course: &Course) -> PathBuf {
    progress::folder(course).join("update")
}

fn put_back(course: &Course, journal: &Path, folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            put_back(course, journal, &path)?;
        } else {
            let relative = path.strip_prefix(journal).expect("it lies in the journal");
            put_one_back(
                course,
                &course.root.join(relative),
                &files::read_text(&path)?,
            )?;
        }
    }
    Ok(())
}

/// What stands in its place is the committed file. If it is not, the learner wrote on after the interruption: the course keeps that, too.
fn put_one_back(course: &Course, path: &Path, text: &str) -> Result<()> {
    if let Ok(Some(there)) = files::read_if_there(path)
        && there != files::normalise(text)
        && git::committed(course, path).as_ref() != Some(&there)
    {
        keep::aside(course, path, &there)?;
    }
    files::write_if_changed(path, text)
}
