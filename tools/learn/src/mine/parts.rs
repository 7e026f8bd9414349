//! Parts: the exercises whose answer is a chapter's own file, and whose file stands in its place.

use std::path::PathBuf;

use anyhow::Result;

use crate::judging::check::{self, Options, Source};
use crate::judging::verdict::{Kind, Verdict};
use crate::learner::passed;
use crate::learner::progress::Progress;
use course::course::{Course, Exercise};
use course::files;

/// A file of the runtime that the learner writes.
#[derive(Debug)]
pub struct Part<'a> {
    /// The exercise in which it is written.
    pub exercise: &'a Exercise,
    /// Its place in the runtime, relative to the course's folder: `chapters/03-wakers/src/oneshot.rs`.
    pub place: PathBuf,
    /// Whose file it is.
    pub standing: Standing,
}

/// Whose file stands in the runtime.
#[derive(Debug)]
pub enum Standing {
    /// The learner's, with this text, which passes its check.
    Yours(String),
    /// The reference, and why.
    Reference(Reason),
}

/// Why a part is not the learner's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The file is the stub, or missing.
    NotStarted,
    /// The command left it out.
    LeftOut,
    /// It does not pass its check as it is now: the outcome, and what was seen.
    NotPassing(Kind, String),
}

/// Which parts the command wants.
#[derive(Debug, Default)]
pub struct Wanted {
    /// If there are any, no others than these.
    pub only: Vec<String>,
    /// Not these.
    pub without: Vec<String>,
}

impl Wanted {
    fn includes(&self, id: &str) -> bool {
        let named = |ids: &[String]| ids.iter().any(|other| other == id);
        (self.only.is_empty() || named(&self.only)) && !named(&self.without)
    }
}

impl Part<'_> {
    /// The learner's text, if the part is the learner's.
    #[must_use]
    pub fn yours(&self) -> Option<&str> {
        match &self.standing {
            Standing::Yours(text) => Some(text),
            Standing::Reference(_) => None,
        }
    }
}

/// The exercises whose answer is a chapter's own file, each with its place, in order.
pub fn places(course: &Course) -> impl Iterator<Item = (&Exercise, PathBuf)> {
    course.exercises().filter_map(|exercise| {
        let place = exercise.answer.strip_prefix(&course.root).ok()?;
        place
            .starts_with("chapters")
            .then(|| (exercise, place.to_owned()))
    })
}

/// Every part, and whose it is. Versions that are not known to pass are checked, all at once; `checking` is told how many.
///
/// # Errors
///
/// If a check cannot be run: the course or the command is at fault.
pub fn find<'a>(
    course: &'a Course,
    wanted: &Wanted,
    options: &Options,
    checking: impl FnOnce(usize),
) -> Result<Vec<Part<'a>>> {
    let places: Vec<(&Exercise, PathBuf)> = places(course).collect();
    let unknown: Vec<&Exercise> = places
        .iter()
        .map(|(exercise, _)| *exercise)
        .filter(|exercise| wanted.includes(&exercise.id) && is_to_be_checked(course, exercise))
        .collect();
    let mut verdicts = Vec::new();
    if !unknown.is_empty() {
        checking(unknown.len());
        check::judge_all(course, &unknown, &Source::Own, options, |verdict| {
            if verdict.kind == Kind::Passed {
                Progress::update(course, |progress| progress.passed(&verdict.id))?;
            }
            verdicts.push(verdict);
            Ok(())
        })?;
    }
    let part = |(exercise, place)| Part {
        exercise,
        place,
        standing: standing(course, exercise, wanted, &verdicts),
    };
    Ok(places.into_iter().map(part).collect())
}

fn is_to_be_checked(course: &Course, exercise: &Exercise) -> bool {
    own_text(exercise).is_some_and(|text| !passed::is_known(course, exercise, &text))
}

fn standing(
    course: &Course,
    exercise: &Exercise,
    wanted: &Wanted,
    verdicts: &[Verdict],
) -> Standing {
    let Some(text) = own_text(exercise) else {
        return Standing::Reference(Reason::NotStarted);
    };
    if !wanted.includes(&exercise.id) {
        return Standing::Reference(Reason::LeftOut);
    }
    // The text that is taken is the text that passed, even if another one was saved in between.
    if passed::is_known(course, exercise, &text) {
        return Standing::Yours(text);
    }
    let verdict = verdicts.iter().find(|verdict| verdict.id == exercise.id);
    Standing::Reference(match verdict {
        Some(verdict) if verdict.kind != Kind::Passed => {
            Reason::NotPassing(verdict.kind, verdict.message())
        }
        _ => Reason::NotPassing(Kind::Unfinished, "It was saved in the meantime.".to_owned()),
    })
}

/// The text of a file that the learner has started; `None` for the stub, and for what is no file of text.
fn own_text(exercise: &Exercise) -> Option<String> {
    let text = files::read_text(&exercise.source).ok()?;
    (!check::is_stub(exercise, &text)).then(|| files::normalise(&text))
}
