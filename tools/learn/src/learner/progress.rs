//! What is remembered between two calls: `.learn/progress`, a plain text file that git ignores.
//!
//! It is a cache. Deleting it loses nothing that `cargo learn check --all` does not find again, but for the number of hints
//! that were asked for and what was skipped.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use course::course::{Course, Exercise};
use course::files;
use course::routes::{self, Route};

const HEADER: &str = "# What `cargo learn` remembers. It is a cache: `cargo learn check --all` finds again what is solved.\n";

/// What is remembered, by the exercises' ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Exercises whose file passed, once at least.
    pub solved: BTreeSet<String>,
    /// Exercises that the learner skipped.
    pub skipped: BTreeSet<String>,
    /// How many hints were asked for.
    pub hints: BTreeMap<String, usize>,
    /// The name of the route that the learner follows; without one, the course is the route.
    pub route: Option<String>,
}

/// How far an exercise is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The file is the stub.
    NotStarted,
    /// The file is not the stub, and has never passed.
    Unfinished,
    /// It passed.
    Solved,
    /// The learner skipped it.
    Skipped,
}

impl State {
    /// As it stands in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            State::NotStarted => "not-started",
            State::Unfinished => "unfinished",
            State::Solved => "solved",
            State::Skipped => "skipped",
        }
    }
}

impl Progress {
    /// Reads what is remembered.
    ///
    /// # Errors
    ///
    /// If the file is damaged. It is then kept aside, and what can still be read of it stays in force.
    pub fn read(course: &Course) -> Result<Progress> {
        let path = file(course);
        let text = match fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Progress::default());
            }
            Err(_) if path.is_dir() => String::from("\u{fffd}"),
            Err(error) => bail!(
                "{} cannot be read ({error}), so nothing can be remembered.",
                course.shown(&path)
            ),
        };
        let (progress, damaged) = Progress::parse(&text);
        let Some(line) = damaged else {
            return Ok(progress);
        };
        let aside = unused(&path, "damaged");
        fs::rename(&path, &aside)
            .with_context(|| format!("{} cannot be put aside", path.display()))?;
        files::write_whole(&path, &progress.to_string())?;
        bail!(
            "{} was damaged at line {line}: it is kept as {}, and what could be read of it still counts. `cargo learn check \
             --all` finds the rest again.",
            course.shown(&path),
            course.shown(&aside)
        )
    }

    /// Changes what is remembered, while no other process does.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or written.
    pub fn update(course: &Course, change: impl FnOnce(&mut Progress)) -> Result<Progress> {
        let _lock = lock(&file(course))?;
        let mut progress = Progress::read(course)?;
        let before = progress.clone();
        change(&mut progress);
        if progress != before {
            files::write_whole(&file(course), &progress.to_string())?;
        }
        Ok(progress)
    }

    /// How far an exercise is. A file that is the stub again is not solved, even if it passed before.
    #[must_use]
    pub fn state(&self, exercise: &Exercise) -> State {
        let text = files::read_text(&exercise.source).unwrap_or_default();
        let touched = !text.is_empty() && !crate::judging::check::is_stub(exercise, &text);
        if touched && self.solved.contains(&exercise.id) {
            State::Solved
        } else if self.skipped.contains(&exercise.id) {
            State::Skipped
        } else if touched {
            State::Unfinished
        } else {
            State::NotStarted
        }
    }

    /// The first exercise of the learner's route that is neither solved nor skipped; where the route is done, of the course.
    #[must_use]
    pub fn next<'a>(&self, course: &'a Course) -> Option<&'a Exercise> {
        self.open_on_the_route(course, None)
            .or_else(|| course.as_asked().find(|exercise| self.is_open(exercise)))
    }

    /// The route that the learner follows, if there is one and it exists.
    #[must_use]
    pub fn followed(&self, course: &Course) -> Option<Route> {
        routes::find(course, self.route.as_ref()?).ok()
    }

    /// The first exercise of the route that is open: behind `done`, or else from the route's beginning.
    fn open_on_the_route<'a>(
        &self,
        course: &'a Course,
        done: Option<&Exercise>,
    ) -> Option<&'a Exercise> {
        let route = self.followed(course)?;
        let at = done.and_then(|done| route.exercises.iter().position(|id| *id == done.id));
        let (before, after) = route.exercises.split_at(at.map_or(0, |at| at + 1));
        after
            .iter()
            .chain(before)
            .filter_map(|id| course.exercises().find(|exercise| exercise.id == *id))
            .find(|exercise| self.is_open(exercise))
    }

    fn is_open(&self, exercise: &Exercise) -> bool {
        !matches!(self.state(exercise), State::Solved | State::Skipped)
    }

    /// What to go on with after this exercise: on a route, the next that is open there. Otherwise the next of its chapter that
    /// is neither solved nor skipped, then the first of it, and only then the first of the course: a learner who begins in a
    /// later chapter wants to stay there.
    #[must_use]
    pub fn next_after<'a>(&self, course: &'a Course, done: &Exercise) -> Option<&'a Exercise> {
        if let Some(next) = self.open_on_the_route(course, Some(done)) {
            return Some(next);
        }
        let open = |exercise: &&Exercise| {
            exercise.chapter == done.chapter && exercise.id != done.id && self.is_open(exercise)
        };
        (course
            .as_asked()
            .skip_while(|exercise| exercise.id != done.id))
        .find(open)
        .or_else(|| course.as_asked().find(open))
        .or_else(|| self.next(course))
    }

    /// Remembers that the learner's own file passed. The learner may go on experimenting with a solved exercise: a worse
    /// version does not take that back.
    pub fn passed(&mut self, id: &str) {
        self.solved.insert(id.to_owned());
        self.skipped.remove(id);
    }

    /// The exercise begins anew.
    pub fn begins_anew(&mut self, id: &str) {
        self.solved.remove(id);
    }

    /// What a text says, and the number of the first line that says nothing.
    fn parse(text: &str) -> (Progress, Option<usize>) {
        let mut progress = Progress::default();
        let mut damaged = None;
        for (index, line) in text.lines().enumerate() {
            if progress.take_in(line).is_none() {
                damaged.get_or_insert(index + 1);
            }
        }
        (progress, damaged)
    }

    fn take_in(&mut self, line: &str) -> Option<()> {
        if line.trim().is_empty() || line.starts_with('#') {
            return Some(());
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["solved", id] if is_id(id) => _ = self.solved.insert(id.to_owned()),
            ["skipped", id] if is_id(id) => _ = self.skipped.insert(id.to_owned()),
            ["hints", id, count] if is_id(id) => {
                _ = self.hints.insert(id.to_owned(), count.parse().ok()?)
            }
            ["route", name] if is_id(&format!("/{name}")) => self.route = Some(name.to_owned()),
            _ => return None,
        }
        Some(())
    }
}

impl std::fmt::Display for Progress {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(HEADER)?;
        for id in &self.solved {
            writeln!(out, "solved {id}")?;
        }
        for id in &self.skipped {
            writeln!(out, "skipped {id}")?;
        }
        for (id, count) in &self.hints {
            writeln!(out, "hints {id} {count}")?;
        }
        if let Some(name) = &self.route {
            writeln!(out, "route {name}")?;
        }
        Ok(())
    }
}

fn is_id(text: &str) -> bool {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_/.".contains(char);
    text.contains('/') && text.chars().all(plain)
}

/// Where it is remembered.
#[must_use]
pub fn file(course: &Course) -> PathBuf {
    folder(course).join("progress")
}

/// The folder of everything that belongs to the learner and not to the course.
#[must_use]
pub fn folder(course: &Course) -> PathBuf {
    course.root.join(".learn")
}

/// A path like `path` that is not taken: `progress.damaged-1`.
#[must_use]
pub fn unused(path: &Path, word: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    (1..)
        .map(|number| path.with_file_name(format!("{name}.{word}-{number}")))
        .find(|candidate| !candidate.exists())
        .expect("some number is free")
}

fn lock(path: &Path) -> Result<File> {
    let folder = path.parent().expect("a file lies in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| File::create(folder.join("lock")))
        .and_then(|file| file.lock().map(|()| file))
        .with_context(|| {
            format!(
                "{} cannot be written, so nothing can be remembered",
                folder.display()
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let mut progress = Progress::default();
        progress.passed("generators/countdown");
        progress.skipped.insert("generators/tree".to_owned());
        progress.hints.insert("generators/tree".to_owned(), 2);
        progress.route = Some("loop".to_owned());
        assert_eq!(Progress::parse(&progress.to_string()), (progress, None));
    }

    #[test]
    fn a_damaged_line_is_named_and_the_others_count() {
        let (progress, damaged) = Progress::parse("solved a/b\n\u{0}\u{0}garbage\nskipped a/c\n");
        assert_eq!(damaged, Some(2));
        assert!(progress.solved.contains("a/b") && progress.skipped.contains("a/c"));
    }

    #[test]
    fn a_success_ends_a_skip_and_lasts_until_the_exercise_begins_anew() {
        let mut progress = Progress::default();
        progress.skipped.insert("a/b".to_owned());
        progress.passed("a/b");
        assert!(progress.skipped.is_empty() && progress.solved.contains("a/b"));
        progress.begins_anew("a/b");
        assert!(progress.solved.is_empty());
    }

    #[test]
    fn a_route_says_what_comes_next_until_it_is_done() {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let course = Course::around(here).expect("this is a part of the course");
        let route = routes::find(&course, "server").expect("the course has it");
        let mut progress = Progress {
            route: Some(route.name.clone()),
            ..Progress::default()
        };
        for (place, id) in route.exercises.iter().enumerate() {
            assert_eq!(progress.next(&course).unwrap().id, *id);
            progress.skipped.insert(id.clone());
            let done = course.exercises().find(|it| it.id == *id).unwrap();
            let after = progress.next_after(&course, done).unwrap();
            if let Some(next) = route.exercises.get(place + 1) {
                assert_eq!(after.id, *next);
            }
        }
        assert_eq!(progress.next(&course).unwrap().id, "generators/countdown");
    }

    #[test]
    fn an_exercise_that_the_page_asks_first_comes_before_one_with_a_lower_number() {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let course = Course::around(here).expect("this is a part of the course");
        let progress = Progress::default();
        let after = |id: &str| {
            let done = course.exercises().find(|it| it.id == id).expect(id);
            let next = progress.next_after(&course, done).expect("nothing is done");
            next.name().to_owned()
        };
        assert_eq!(after("state-machines/join"), "dropped-loser");
        assert_eq!(after("state-machines/dropped-loser"), "race");
        assert_eq!(after("state-machines/race"), "join-all");
    }

    #[test]
    fn a_learner_who_begins_in_a_later_chapter_stays_there_until_it_is_solved() {
        let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let course = Course::around(here).expect("this is a part of the course");
        let chapter: Vec<&Exercise> = course.chapters[1].exercises.iter().collect();
        let mut progress = Progress::default();
        let after = |progress: &Progress, done: &Exercise| {
            let next = progress.next_after(&course, done).expect("nothing is done");
            next.id.clone()
        };
        assert_eq!(after(&progress, chapter[2]), chapter[3].id);
        let last = chapter[chapter.len() - 1];
        assert_eq!(after(&progress, last), chapter[0].id);
        for exercise in &chapter {
            progress.skipped.insert(exercise.id.clone());
        }
        let first = course.exercises().next().expect("there is one");
        assert_eq!(after(&progress, last), first.id);
    }
}
