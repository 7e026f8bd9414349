//! The chapters in a folder of their own, with the learner's files in their places.
//!
//! The folder is a workspace: the course's own root manifest with other members, the chapters, and those of the course's tools that
//! the chapters' tests need. All of them lie where they lie in the course, so that each finds the others by the same paths and
//! there is one copy of each: a tool that uses a chapter gets the assembled one. Only files that differ are written, so that little
//! is built anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::judging::crates;
use crate::judging::manifest::{self, Manifest};
use crate::judging::room;
use crate::mine::parts::Part;
use crate::stop::Stop;
use course::course::Course;
use course::files;

/// The tests that record what the book plays, line by line of the reference: they say nothing about a learner's part. In the copy
/// this file is empty, as the crate's tests are one program that names it as a module.
const RECORDINGS: &str = "tests/plays.rs";

/// The assembled runtime. It belongs to this process until it is dropped.
#[derive(Debug)]
pub struct Assembly {
    /// The workspace's folder.
    pub folder: PathBuf,
    /// Where it is built: a folder of its own.
    pub target: PathBuf,
    /// The chapters, in order.
    pub chapters: Vec<Chapter>,
    root: PathBuf,
    _lock: File,
}

/// One chapter's crate.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// `03-wakers`.
    pub folder: String,
    /// `chapter-03-wakers`.
    pub package: String,
    /// The folders of the chapters that it is built on, its own among them.
    pub rests_on: BTreeSet<String>,
    /// Whether it has a library, and tests beside it.
    pub has: Has,
}

/// What of a crate can be tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Has {
    /// A library.
    pub library: bool,
    /// Files in `tests`.
    pub tests: bool,
}

impl Assembly {
    /// Assembles the runtime with the learner's version of these parts, and the reference of all others. `waits` is told if
    /// another process is at work on it, for whose end this one waits.
    ///
    /// # Errors
    ///
    /// One sentence if the course cannot be read or the build folder cannot be written.
    pub fn open(
        course: &Course,
        parts: &[&Part<'_>],
        stop: &Stop,
        waits: impl FnOnce(),
    ) -> Result<Assembly> {
        let folder = course.target.join("mine").join("course");
        let lock = room::lock(&course.target.join("mine"), stop, waits)?;
        let chapters = chapters(course)?;
        let mut crates = BTreeSet::new();
        for chapter in &chapters {
            collect(
                course,
                &course.root.join("chapters").join(&chapter.folder),
                &mut crates,
            )?;
        }
        mirror(course, &folder, &crates, &replaced(parts))?;
        files::write_if_changed(&folder.join("Cargo.toml"), &workspace(course, &crates)?)?;
        room::copy_lock_file(course, &folder)?;
        Ok(Assembly {
            target: course.target.join("mine").join("build"),
            root: course.root.clone(),
            folder,
            chapters,
            _lock: lock,
        })
    }

    /// How many crates and programs a first build makes. `None` if cargo cannot say.
    #[must_use]
    pub fn size(&self) -> Option<usize> {
        let packages = crates::in_workspace(&self.root, &self.folder.join("Cargo.toml"))?;
        let own = self.chapters.iter().map(|chapter| {
            let folder = self.folder.join("chapters").join(&chapter.folder);
            let programs = files::with_ending(&folder.join("src/bin"), "rs").len();
            programs + usize::from(chapter.has.library) + usize::from(chapter.has.tests)
        });
        Some(packages + own.sum::<usize>())
    }

    /// Has the learner's version of `yours` in place, and the reference of all other parts of `all`.
    ///
    /// # Errors
    ///
    /// As [`Assembly::open`].
    pub fn put(&self, all: &[&Part<'_>], yours: &[&Part<'_>]) -> Result<()> {
        let replaced = replaced(yours);
        for part in all {
            let reference = || fs::read(self.root.join(&part.place)).context("a chapter's file");
            let bytes = match replaced.get(&part.place) {
                Some(text) => text.as_bytes().to_vec(),
                None => reference()?,
            };
            write_if_changed(&self.folder.join(&part.place), &bytes)?;
        }
        Ok(())
    }

    /// A text of the compiler's or of a test's in which the learner's files have the names under which the learner knows them.
    #[must_use]
    pub fn in_the_learners_terms(&self, text: &str, parts: &[&Part<'_>]) -> String {
        let folder = format!("{}{}", self.folder.display(), std::path::MAIN_SEPARATOR);
        let mut text = text.replace(&folder, "");
        for part in parts {
            let own = files::shown(&self.root, &part.exercise.source);
            for place in spellings(&part.place) {
                text = text.replace(&place, &own);
            }
        }
        text
    }
}

/// A path with slashes, and as the system writes it.
fn spellings(path: &Path) -> [String; 2] {
    let slashes = path.display().to_string().replace('\\', "/");
    let native = slashes.replace('/', std::path::MAIN_SEPARATOR_STR);
    [slashes, native]
}

fn replaced<'a>(parts: &[&'a Part<'_>]) -> BTreeMap<PathBuf, &'a str> {
    parts
        .iter()
        .filter_map(|part| Some((part.place.clone(), part.yours()?)))
        .collect()
}

/// The crates in `chapters/`, in order.
fn chapters(course: &Course) -> Result<Vec<Chapter>> {
    let mut folders: Vec<PathBuf> = fs::read_dir(course.root.join("chapters"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("Cargo.toml").is_file())
        .collect();
    folders.sort();
    folders
        .iter()
        .map(|folder| chapter(course, folder))
        .collect()
}

fn chapter(course: &Course, folder: &Path) -> Result<Chapter> {
    let path = folder.join("Cargo.toml");
    let manifest = manifest::read(&path)?;
    let package = manifest
        .get("package")
        .and_then(|package| package.get("name"));
    let package = package
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let mut crates = BTreeSet::new();
    collect(course, folder, &mut crates)?;
    let rests_on = crates
        .iter()
        .filter_map(|path| path.strip_prefix("chapters").ok())
        .map(|path| path.display().to_string())
        .collect();
    let has = Has {
        library: folder.join("src").join("lib.rs").is_file(),
        tests: has_rust_files(&folder.join("tests")),
    };
    Ok(Chapter {
        folder: folder
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        package,
        rests_on,
        has,
    })
}

fn has_rust_files(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .any(|path| path.extension().is_some_and(|extension| extension == "rs"))
}

/// Adds the crate in `folder` and all that it depends on, as far as they lie in the course: their folders, relative to it.
fn collect(course: &Course, folder: &Path, crates: &mut BTreeSet<PathBuf>) -> Result<()> {
    let Ok(relative) = folder.strip_prefix(&course.root) else {
        return Ok(());
    };
    if !crates.insert(relative.to_owned()) {
        return Ok(());
    }
    for dependency in Manifest::read(&course.root, folder)?.dependency_paths() {
        collect(course, &dependency, crates)?;
    }
    Ok(())
}

/// The course's own root manifest, with these crates and no others for members.
fn workspace(course: &Course, crates: &BTreeSet<PathBuf>) -> Result<String> {
    let path = course.root.join("Cargo.toml");
    let mut manifest = manifest::read(&path)?;
    let members: Vec<Value> = crates
        .iter()
        .map(|path| path.display().to_string().replace('\\', "/").into())
        .collect();
    if let Some(Value::Object(workspace)) = manifest.get_mut("workspace") {
        workspace.remove("default-members");
        workspace.remove("exclude");
        workspace.insert("members".into(), members.into());
    }
    manifest::written(&manifest)
}

/// Makes the crates in `folder` equal to those of the course, but for the files that are replaced.
fn mirror(
    course: &Course,
    folder: &Path,
    crates: &BTreeSet<PathBuf>,
    replaced: &BTreeMap<PathBuf, &str>,
) -> Result<()> {
    let mut wanted = BTreeSet::new();
    for path in crates {
        files_below(&course.root, path, &mut wanted);
    }
    for path in &wanted {
        let shown = || format!("{} cannot be read", path.display());
        let bytes = match replaced.get(path) {
            _ if path.ends_with(RECORDINGS) => Vec::new(),
            Some(text) => text.as_bytes().to_vec(),
            None => fs::read(course.root.join(path)).with_context(shown)?,
        };
        write_if_changed(&folder.join(path), &bytes)?;
    }
    let mut there = BTreeSet::new();
    for kind in ["chapters", "tools"] {
        files_below(folder, Path::new(kind), &mut there);
    }
    for path in there.difference(&wanted) {
        let _ = fs::remove_file(folder.join(path));
    }
    Ok(())
}

/// All files below `root/path`, relative to `root`, but for what is hidden or built.
fn files_below(root: &Path, path: &Path, files: &mut BTreeSet<PathBuf>) {
    let entries = fs::read_dir(root.join(path))
        .into_iter()
        .flatten()
        .flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = path.join(&name);
        let passed_over = name.starts_with('.') || name == "target" || name.ends_with(".snap.new");
        if passed_over {
            continue;
        }
        if entry.path().is_dir() {
            files_below(root, &path, files);
        } else {
            files.insert(path);
        }
    }
}

fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, bytes))
        .with_context(|| format!("{} cannot be written", path.display()))
}
