//! What an exercise's promises recorded, one after another: what `cargo learn trace` shows.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use probe::report::Entry;

use crate::course::{Course, Exercise};
use crate::judging::evidence;
use crate::judging::process::End;
use crate::judging::promise::{self, Deadline, Promise, Trial};
use crate::judging::verdict::{Finding, Seen};
use crate::learner::files;
use crate::stop::{Stop, Stopped};

/// A promise, tried.
#[derive(Debug, Clone)]
pub struct Traced {
    /// The promise's sentence.
    pub promise: String,
    /// Why it is not kept, if it is not.
    pub finding: Option<Finding>,
    /// Its run, if it recorded one.
    pub seen: Option<Seen>,
}

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Up to the first promise that is not kept.
    ToTheFirstBroken,
    /// All promises; one behind a broken one has a second to end.
    All,
}

/// Runs the promises of a built check. `subject` is the file that is judged.
///
/// # Errors
///
/// If the program cannot be run, or [`Stopped`].
pub fn run(
    course: &Course,
    exercise: &Exercise,
    (subject, program): (&Path, &Path),
    extent: Extent,
    given: Duration,
    stop: &Stop,
) -> Result<Vec<Traced>> {
    const PATIENCE: Duration = Duration::from_secs(1);
    let promises = promise::listed_in(&files::read_text(&exercise.check)?);
    if promises.is_empty() {
        bail!("{} makes no promise.", course.shown(&exercise.check));
    }
    let whole = Deadline::from_now(given);
    let mut traced: Vec<Traced> = Vec::new();
    for promise in &promises {
        let broken = traced.iter().any(|traced| traced.finding.is_some());
        if broken && extent == Extent::ToTheFirstBroken {
            break;
        }
        let deadline = if broken {
            Deadline::from_now(PATIENCE.min(given))
        } else {
            whole
        };
        let trial = promise::run(course, program, promise, deadline, stop)?;
        if matches!(trial.ran.end, End::Stopped) {
            return Err(Stopped.into());
        }
        traced.push(Traced::of(exercise, promise, &trial, subject, deadline));
    }
    Ok(traced)
}

impl Traced {
    fn of(
        exercise: &Exercise,
        promise: &Promise,
        trial: &Trial,
        subject: &Path,
        deadline: Deadline,
    ) -> Traced {
        let finding =
            (!trial.is_kept()).then(|| evidence::finding(exercise, trial, subject, deadline));
        let seen = match &finding {
            Some(finding) => finding.seen.clone(),
            None => compared(trial),
        };
        Traced {
            promise: promise.sentence(),
            finding,
            seen: seen.filter(|seen| !seen.recording.events.is_empty()),
        }
    }
}

/// The run that a kept promise was compared by.
fn compared(trial: &Trial) -> Option<Seen> {
    trial.report.iter().rev().find_map(|entry| match entry {
        Entry::Snapshot { name, recording } => Some(Seen {
            recording: recording.clone(),
            marked: None,
            snapshot: Some(name.clone()),
        }),
        _ => None,
    })
}
