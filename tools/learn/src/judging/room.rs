//! Rooms: the generated workspaces in which checks are built, away from the course's own.
//!
//! A package in a room is one source and one check, each by its path. So a sibling exercise that does not compile never spoils a
//! verdict, and no editor's `cargo check` is in the way. Several packages in one room are built by one call of cargo, on all
//! cores. All rooms share one target folder, so what they depend on is built once.

use std::fs::File;
use std::iter;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::judging::manifest::Manifest;
use crate::judging::waiting;
use crate::stop::Stop;
use course::course::{Course, Exercise};
use course::files;

/// One source that is to be held to one check.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    /// The exercise whose check it is.
    pub exercise: &'a Exercise,
    /// The file that is judged, absolute.
    pub subject: PathBuf,
    /// Tells apart what is built for one exercise: `own`, `answer`.
    pub variant: String,
    /// Whose lints apply.
    pub lints: Lints,
}

/// Whose lints apply to a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lints {
    /// Those of the exercises' crate, which are lenient.
    Exercises,
    /// Those of the solutions' crate.
    Solutions,
}

/// Whether `debug_assert!` and what stands in it is compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Assertions {
    On,
    Off,
}

impl Job<'_> {
    /// The package's name.
    #[must_use]
    pub fn package(&self) -> String {
        let Job {
            exercise, variant, ..
        } = self;
        format!(
            "check-{}-{}-{variant}",
            exercise.chapter,
            exercise.short_name()
        )
    }

    /// The name of its library, as cargo reports it.
    #[must_use]
    pub fn library(&self) -> String {
        self.package().replace('-', "_")
    }
}

/// A room that belongs to this process until it is dropped.
#[derive(Debug)]
pub struct Room {
    /// Its folder.
    pub folder: PathBuf,
    _lock: File,
}

impl Room {
    /// Furnishes the room called `name` with the packages of these jobs. Waits while another process uses it.
    ///
    /// # Errors
    ///
    /// One sentence if the build folder cannot be written, or a manifest is damaged; [`Stopped`](crate::stop::Stopped) if asked to stop.
    pub fn open(course: &Course, name: &str, jobs: &[Job<'_>], stop: &Stop) -> Result<Room> {
        Room::furnished(course, name, jobs, Assertions::On, stop)
    }

    /// The same room for packages that are built without debug assertions, as for a release. Overflows are still noticed.
    ///
    /// # Errors
    ///
    /// As [`open`](Room::open).
    pub(crate) fn without_assertions(
        course: &Course,
        name: &str,
        jobs: &[Job<'_>],
        stop: &Stop,
    ) -> Result<Room> {
        Room::furnished(course, name, jobs, Assertions::Off, stop)
    }

    fn furnished(
        course: &Course,
        name: &str,
        jobs: &[Job<'_>],
        assertions: Assertions,
        stop: &Stop,
    ) -> Result<Room> {
        let folder = course.target.join("rooms").join(name);
        let lock = waiting::lock(&folder, stop)?;
        for job in jobs {
            let package = folder.join(name).join(job.package());
            files::write_if_changed(&package.join("Cargo.toml"), &manifest(course, job)?)?;
            files::write_if_changed(&package.join("lib.rs"), &library(job))?;
        }
        files::write_if_changed(
            &folder.join("Cargo.toml"),
            &workspace(name, jobs, assertions),
        )?;
        copy_lock_file(course, &folder)?;
        Ok(Room {
            folder,
            _lock: lock,
        })
    }
}

/// Waits until no other process works in a folder, which is made if need be; `waits` is told if one does.
///
/// # Errors
///
/// One sentence if it cannot be written; [`Stopped`](crate::stop::Stopped) if asked to stop.
pub fn lock(folder: &Path, stop: &Stop, waits: impl FnOnce()) -> Result<File> {
    waiting::lock_saying(folder, stop, |_holder| waits())
}

fn manifest(course: &Course, job: &Job<'_>) -> Result<String> {
    let chapter = &job.exercise.chapter;
    let exercises = Manifest::read(&course.root, &course.root.join("exercises").join(chapter))?;
    match job.lints {
        Lints::Exercises => exercises.for_check(&job.package(), &exercises),
        Lints::Solutions => {
            let solutions = course.root.join("solutions").join(chapter);
            exercises.for_check(&job.package(), &Manifest::read(&course.root, &solutions)?)
        }
    }
}

fn library(job: &Job<'_>) -> String {
    let subject = job.subject.display().to_string();
    // Its module has the name that it has in the exercises' crate, because the compiler's advice speaks of paths.
    let slug = &job.exercise.slug;
    let check = job.exercise.check.display().to_string();
    let sync = if job.exercise.model {
        "#[cfg(test)]\npub use probe_model::sync;\n\n"
    } else {
        ""
    };
    // Cargo goes by the time of a file, and a file that was moved here may be older than the last build: so this one, which names
    // the contents, is new whenever they are.
    let contents = iter::once(job.subject.clone()).chain(job.exercise.check_files());
    let contents: Vec<String> = contents
        .map(|path| files::hash(&files::read_text(&path).unwrap_or_default()))
        .collect();
    let contents = contents.join("\n// ");
    // The check stands first, and the attribute `test` is the probe's: see `probe::mark`. A learner's file may begin with
    // `#![macro_use]`, and its own `assert_eq!` would then hold for every module below it.
    format!(
        "//! Generated by `cargo learn`: one source, and the check that judges it.\n\n// {contents}\n\n\
         #[cfg(test)]\n#[macro_use(test)]\nextern crate probe;\n\n\
         #[cfg(test)]\n#[path = {check:?}]\nmod check;\n\n{sync}\
         #[path = {subject:?}]\npub mod {slug};\npub use {slug} as subject;\n"
    )
}

/// The same build settings as the course's own workspace has for a verdict: little debug information, as it costs link time.
///
/// Cargo tells the packages of different workspaces apart by where they are *within* their workspace, and all rooms share one target
/// folder: so the room's name is part of each package's place. Without it, one room would be given what another one built.
fn workspace(room: &str, jobs: &[Job<'_>], assertions: Assertions) -> String {
    let members: Vec<String> = jobs
        .iter()
        .map(|job| format!("{:?}", format!("{room}/{}", job.package())))
        .collect();
    // Only for the packages of the room: their dependencies stay as they are, and are not built again.
    let profiles: String = match assertions {
        Assertions::On => String::new(),
        Assertions::Off => jobs
            .iter()
            .map(|job| {
                format!(
                    "\n[profile.dev.package.{:?}]\ndebug-assertions = false\noverflow-checks = true\n",
                    job.package()
                )
            })
            .collect(),
    };
    format!(
        "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n{profiles}",
        members.join(", ")
    )
}

/// The course's lock file decides versions. Cargo removes from the copy what the room does not need, so the copy is only made
/// anew when the original has changed.
pub fn copy_lock_file(course: &Course, folder: &Path) -> Result<()> {
    let Some(original) = files::read_if_there(&course.root.join("Cargo.lock"))? else {
        return Ok(());
    };
    let remembered = folder.join("Cargo.lock.original");
    if files::read_if_there(&remembered)?.as_ref() != Some(&original) {
        files::write_whole(&folder.join("Cargo.lock"), &original)?;
        files::write_whole(&remembered, &original)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use course::course::Kind;

    #[test]
    fn a_check_that_explores_interleavings_supplies_the_locks_and_others_do_not() {
        let supplies = |model| {
            let exercise = Exercise {
                id: "wakers/oneshot".to_owned(),
                number: "3.6".to_owned(),
                slug: "oneshot".to_owned(),
                shown: "oneshot".to_owned(),
                title: String::new(),
                kind: Kind::Build,
                minutes: 1,
                page: String::new(),
                optional: false,
                model,
                after: None,
                chapter: "03-wakers".to_owned(),
                source: PathBuf::new(),
                check: PathBuf::new(),
                about: PathBuf::new(),
                answer: PathBuf::new(),
                mistakes: PathBuf::new(),
                others: PathBuf::new(),
            };
            let job = Job {
                exercise: &exercise,
                subject: PathBuf::new(),
                variant: "own".to_owned(),
                lints: Lints::Exercises,
            };
            library(&job).contains("#[cfg(test)]\npub use probe_model::sync;")
        };
        assert!(supplies(true) && !supplies(false));
    }
}
