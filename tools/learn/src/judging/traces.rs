//! What an exercise's tests recorded, one after another: what `cargo learn trace` shows.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use probe::report::Entry;

use crate::judging::evidence;
use crate::judging::process::End;
use crate::judging::test::{self, Deadline, Test, Trial};
use crate::judging::verdict::{Finding, Seen};
use crate::stop::{Stop, Stopped};
use course::course::{Course, Exercise};

/// A test, tried.
#[derive(Debug, Clone)]
pub struct Traced {
    /// The test's sentence.
    pub test: String,
    /// Why it fails, if it does.
    pub finding: Option<Finding>,
    /// Its run, if it recorded one.
    pub seen: Option<Seen>,
}

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Up to the first test that fails.
    ToTheFirstBroken,
    /// All tests; one behind a failed one has a second to end.
    All,
}

/// Runs the tests of a built check. `subject` is the file that is judged.
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
    let tests = test::of(exercise)?;
    if tests.is_empty() {
        bail!("{} has no test.", course.shown(&exercise.check));
    }
    let whole = Deadline::from_now(given);
    let mut traced: Vec<Traced> = Vec::new();
    for test in &tests {
        let broken = traced.iter().any(|traced| traced.finding.is_some());
        if broken && extent == Extent::ToTheFirstBroken {
            break;
        }
        let deadline = if broken {
            Deadline::from_now(PATIENCE.min(given))
        } else {
            whole
        };
        let trial = test::run(course, program, test, deadline, stop)?;
        if matches!(trial.ran.end, End::Stopped) {
            return Err(Stopped.into());
        }
        traced.push(Traced::of(exercise, test, &trial, subject, deadline));
    }
    Ok(traced)
}

impl Traced {
    fn of(
        exercise: &Exercise,
        test: &Test,
        trial: &Trial,
        subject: &Path,
        deadline: Deadline,
    ) -> Traced {
        let finding =
            (!trial.passed()).then(|| evidence::finding(exercise, trial, subject, deadline));
        let seen = match &finding {
            Some(finding) => finding.seen.clone(),
            None => compared(trial),
        };
        Traced {
            test: test.sentence(),
            finding,
            seen: seen.filter(|seen| !seen.recording.events.is_empty()),
        }
    }
}

/// What a passed test shows, or the run that it was compared with.
fn compared(trial: &Trial) -> Option<Seen> {
    trial.report.iter().rev().find_map(|entry| match entry {
        Entry::Snapshot { name, recording } => Some(Seen {
            recording: recording.clone(),
            marked: None,
            snapshot: Some(name.clone()),
            expected: None,
            holders: Vec::new(),
        }),
        Entry::Shown(shown) => Some(Seen::of(shown)),
        _ => None,
    })
}
