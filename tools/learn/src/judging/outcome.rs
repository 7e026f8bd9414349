//! Running the tests of a built check, up to the first that fails.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::judging::evidence::finding;
use crate::judging::process::End;
use crate::judging::test::{self, Deadline, Test};
use crate::judging::verdict::{Finding, Kind, Verdict};
use crate::stop::{Stop, Stopped};
use course::course::{Course, Exercise};
use course::files;

/// Runs the tests of a built check in order, up to the first that fails.
///
/// # Errors
///
/// If the program cannot be run, or [`Stopped`].
pub fn run_tests(
    course: &Course,
    exercise: &Exercise,
    subject: &Path,
    program: &Path,
    deadline: Duration,
    stop: &Stop,
) -> Result<Verdict> {
    let tests = test::listed_in(&files::read_text(&exercise.check)?);
    if tests.is_empty() {
        bail!("{} has no test.", course.shown(&exercise.check));
    }
    run_these(course, exercise, subject, program, &tests, deadline, stop)
}

/// The same, for a program that holds several checks: `tests` says which of its tests are meant.
///
/// # Errors
///
/// As [`run_tests`].
pub fn run_these(
    course: &Course,
    exercise: &Exercise,
    subject: &Path,
    program: &Path,
    tests: &[Test],
    deadline: Duration,
    stop: &Stop,
) -> Result<Verdict> {
    let deadline = Deadline::from_now(deadline);
    for (passed, test) in tests.iter().enumerate() {
        let trial = test::run(course, program, test, deadline, stop)?;
        if matches!(trial.ran.end, End::Stopped) {
            return Err(Stopped.into());
        }
        if !trial.passed() {
            let finding = finding(exercise, &trial, subject, deadline);
            let passed = match finding.kind {
                Kind::Unfinished => {
                    passed + passed_after(course, program, &tests[passed + 1..], stop)?
                }
                _ => passed,
            };
            return Ok(Verdict {
                passed,
                tests: tests.len(),
                test: Some(test.sentence()),
                printed: trial.printed(),
                ..broken(exercise, finding, passed, tests.len())
            });
        }
    }
    let all = tests.len();
    let sentence = if all == 1 {
        "The test passes.".to_owned()
    } else {
        format!("All {all} tests pass.")
    };
    Ok(Verdict {
        passed: all,
        tests: all,
        ..Verdict::new(exercise, Kind::Passed, sentence)
    })
}

/// How many of the tests behind the first one that is not finished pass already. None of them may hold the verdict up.
fn passed_after(course: &Course, program: &Path, rest: &[Test], stop: &Stop) -> Result<usize> {
    const PATIENCE: Duration = Duration::from_secs(2);
    let mut passed = 0;
    let deadline = Deadline::from_now(PATIENCE);
    for test in rest {
        let trial = test::run(course, program, test, deadline, stop)?;
        passed += usize::from(trial.passed());
        if matches!(trial.ran.end, End::TimedOut | End::Stopped) {
            break;
        }
    }
    Ok(passed)
}

fn broken(exercise: &Exercise, finding: Finding, passed: usize, tests: usize) -> Verdict {
    let sentence = match finding.kind {
        Kind::Unfinished => format!("{passed} of {tests} tests pass; {}.", finding.sentence),
        _ => finding.sentence,
    };
    Verdict {
        mistake: finding.mistake,
        seen: finding.seen,
        ..Verdict::new(exercise, finding.kind, sentence)
    }
}
