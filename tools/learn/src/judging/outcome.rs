//! Running the promises of a built check, up to the first that is not kept.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::course::{Course, Exercise};
use crate::judging::evidence::finding;
use crate::judging::process::End;
use crate::judging::promise::{self, Deadline, Promise};
use crate::judging::verdict::{Finding, Kind, Verdict};
use crate::learner::files;
use crate::stop::{Stop, Stopped};

/// Runs the promises of a built check in order, up to the first that is not kept.
///
/// # Errors
///
/// If the program cannot be run, or [`Stopped`].
pub fn run_promises(
    course: &Course,
    exercise: &Exercise,
    subject: &Path,
    program: &Path,
    deadline: Duration,
    stop: &Stop,
) -> Result<Verdict> {
    let promises = promise::listed_in(&files::read_text(&exercise.check)?);
    if promises.is_empty() {
        bail!("{} makes no promise.", course.shown(&exercise.check));
    }
    let deadline = Deadline::from_now(deadline);
    for (kept, promise) in promises.iter().enumerate() {
        let trial = promise::run(course, program, promise, deadline, stop)?;
        if matches!(trial.ran.end, End::Stopped) {
            return Err(Stopped.into());
        }
        if !trial.is_kept() {
            let finding = finding(exercise, &trial, subject, deadline);
            let kept = match finding.kind {
                Kind::Unfinished => {
                    kept + kept_after(course, program, &promises[kept + 1..], stop)?
                }
                _ => kept,
            };
            return Ok(Verdict {
                kept,
                promises: promises.len(),
                promise: Some(promise.sentence()),
                printed: trial.printed(),
                ..broken(exercise, finding, kept, promises.len())
            });
        }
    }
    let all = promises.len();
    let sentence = if all == 1 {
        "The promise is kept.".to_owned()
    } else {
        format!("All {all} promises are kept.")
    };
    Ok(Verdict {
        kept: all,
        promises: all,
        ..Verdict::new(exercise, Kind::Passed, sentence)
    })
}

/// How many of the promises behind the first one that is not finished are kept already. None of them may hold the verdict up.
fn kept_after(course: &Course, program: &Path, rest: &[Promise], stop: &Stop) -> Result<usize> {
    const PATIENCE: Duration = Duration::from_secs(1);
    let mut kept = 0;
    for promise in rest {
        let trial = promise::run(course, program, promise, Deadline::from_now(PATIENCE), stop)?;
        kept += usize::from(trial.is_kept());
        if matches!(trial.ran.end, End::TimedOut | End::Stopped) {
            break;
        }
    }
    Ok(kept)
}

fn broken(exercise: &Exercise, finding: Finding, kept: usize, promises: usize) -> Verdict {
    let sentence = match finding.kind {
        Kind::Unfinished => format!("{kept} of {promises} promises kept; {}.", finding.sentence),
        _ => finding.sentence,
    };
    Verdict {
        mistake: finding.mistake,
        seen: finding.seen,
        ..Verdict::new(exercise, finding.kind, sentence)
    }
}
