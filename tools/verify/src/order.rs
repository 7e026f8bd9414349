//! The order of the chapters and of the exercises: nothing uses what comes later, and learners are led as the pages lead.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::findings::Findings;
use course::course::{Chapter, Course};
use course::directives;
use course::files;
use learn::judging::manifest::Manifest;

/// Crates of a chapter depend on chapters before it; exercises and solutions also on their own.
pub(crate) fn check(course: &Course, findings: &mut Findings) -> Result<()> {
    for kind in ["chapters", "exercises", "solutions"] {
        for folder in folders(&course.root.join(kind)) {
            check_crate(course, kind, &folder, findings)?;
        }
    }
    for chapter in &course.chapters {
        check_exercises(course, chapter, findings)?;
    }
    Ok(())
}

/// Where a page asks an exercise before one with a lower number, that one says so: `cargo learn` offers them in the page's order.
fn check_exercises(course: &Course, chapter: &Chapter, findings: &mut Findings) -> Result<()> {
    let place = |slug: &str| chapter.exercises.iter().position(|it| it.slug == slug);
    for (own, exercise) in chapter.exercises.iter().enumerate() {
        let page = course.root.join("book/pages").join(&exercise.page);
        let text = files::read_if_there(&page)?.unwrap_or_default();
        let asked = text
            .lines()
            .filter_map(|line| match directives::split(line) {
                Some(("exercise", id)) => id.rsplit('/').next().map(|slug| slug.replace('-', "_")),
                _ => None,
            });
        let before: Vec<String> = asked.take_while(|slug| *slug != exercise.slug).collect();
        let mut later = before.iter().filter(|slug| place(slug) > Some(own));
        let wanted = match &exercise.after {
            Some(after) if before.contains(after) && place(after) > Some(own) => continue,
            Some(after) => format!(
                "{} comes after `{after}`, but its page does not ask an exercise of that name first, with a higher number.",
                exercise.id
            ),
            None => match later.next() {
                Some(first) => format!(
                    "{} stands behind `{first}` on its page, and has the lower number: write `after = \"{first}\"`.",
                    exercise.id
                ),
                None => continue,
            },
        };
        let file = (course.root.join("exercises").join(&chapter.folder)).join("chapter.toml");
        findings.add(course, &file, wanted);
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
