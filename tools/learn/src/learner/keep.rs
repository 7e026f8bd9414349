//! Keeping a learner's version aside before something else takes its place.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::learner::progress;
use course::course::Course;
use course::files;

/// Writes `text`, which stands in `path`, to a new file in `.learn/kept`, and returns where that is.
///
/// # Errors
///
/// If it cannot be written: then nothing may be replaced.
pub fn aside(course: &Course, path: &Path, text: &str) -> Result<PathBuf> {
    let kept = progress::folder(course)
        .join("kept")
        .join(course.shown(path));
    let newest = latest(&kept);
    if let Some(newest) = newest
        && files::read_if_there(&newest)?.as_deref() == Some(text)
    {
        return Ok(newest);
    }
    let place = progress::unused(&kept, "kept");
    files::write_whole(&place, text)?;
    Ok(place)
}

/// The newest version that was kept of this file.
fn latest(kept: &Path) -> Option<PathBuf> {
    let name = kept.file_name()?.to_string_lossy().into_owned();
    (1..)
        .map(|number| kept.with_file_name(format!("{name}.kept-{number}")))
        .take_while(|path| path.exists())
        .last()
}
