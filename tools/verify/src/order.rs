//! The order of the chapters: nothing uses what a later chapter introduces.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::findings::Findings;
use course::course::Course;
use learn::judging::manifest::Manifest;

/// Crates of a chapter depend on chapters before it; exercises and solutions also on their own.
pub(crate) fn check(course: &Course, findings: &mut Findings) -> Result<()> {
    for kind in ["chapters", "exercises", "solutions"] {
        for folder in folders(&course.root.join(kind)) {
            check_crate(course, kind, &folder, findings)?;
        }
    }
    Ok(())
}

fn check_crate(course: &Course, kind: &str, folder: &Path, findings: &mut Findings) -> Result<()> {
    let Some(number) = chapter_number(folder) else {
        return Ok(());
    };
    let newest = if kind == "chapters" {
        number.saturating_sub(1)
    } else {
        number
    };
    let manifest = Manifest::read(&course.root, folder)?;
    for dependency in manifest.dependency_paths() {
        let is_chapter = dependency
            .parent()
            .is_some_and(|parent| parent.ends_with("chapters"));
        if is_chapter && chapter_number(&dependency).is_some_and(|other| other > newest) {
            let what = format!(
                "depends on {}, which comes later.",
                course.shown(&dependency)
            );
            findings.add(course, &folder.join("Cargo.toml"), what);
        }
    }
    Ok(())
}

/// 3 for `chapters/03-wakers`.
fn chapter_number(folder: &Path) -> Option<u32> {
    let name = folder.file_name()?.to_str()?;
    name.split_once('-')?.0.parse().ok()
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .collect();
    folders.sort();
    folders
}
