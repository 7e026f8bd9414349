//! Running the tests of a built check, up to the first that fails.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, Scope};
use std::time::Duration;

use anyhow::{Result, bail};

use crate::judging::evidence::finding;
use crate::judging::process::End;
use crate::judging::test::{self, Deadline, Test, Trial};
use crate::judging::verdict::{Finding, Kind, Seen, Verdict};
use crate::stop::{Stop, Stopped};
use course::course::{Course, Exercise};
use probe::crowded;

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
    let tests = test::of(exercise)?;
    if tests.is_empty() {
        bail!("{} has no test.", course.shown(&exercise.check));
    }
    let deadline = Deadline::from_now(crowded::time(deadline));
    thread::scope(|scope| {
        let ahead = Ahead::start(scope, course, program, &tests, deadline, stop);
        let judged = Judged {
            course,
            exercise,
            subject,
            program,
            tests: &tests,
            deadline,
            stop,
        };
        judged.in_order(|index| ahead.trial(index))
    })
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
    let judged = Judged {
        course,
        exercise,
        subject,
        program,
        tests,
        deadline: Deadline::from_now(crowded::time(deadline)),
        stop,
    };
    judged.in_order(|index| test::run(course, program, &tests[index], judged.deadline, stop))
}

/// The tests of a program that is judged.
struct Judged<'a> {
    course: &'a Course,
    exercise: &'a Exercise,
    subject: &'a Path,
    program: &'a Path,
    tests: &'a [Test],
    deadline: Deadline,
    stop: &'a Stop,
}

impl Judged<'_> {
    /// Looks at the trials in the order of the tests: the first that fails decides.
    fn in_order(&self, mut trial: impl FnMut(usize) -> Result<Trial>) -> Result<Verdict> {
        let mut shown = None;
        for index in 0..self.tests.len() {
            let trial = trial(index)?;
            if matches!(trial.ran.end, End::Stopped) {
                return Err(Stopped.into());
            }
            if !trial.passed() {
                return self.failed(index, &trial);
            }
            shown = trial.shown().cloned().or(shown);
        }
        let all = self.tests.len();
        let sentence = if all == 1 {
            "The test passes.".to_owned()
        } else {
            format!("All {all} tests pass.")
        };
        let seen = shown.as_ref().map(Seen::of);
        let sentence = shown.map_or(sentence, |shown| shown.sentence);
        Ok(Verdict {
            passed: all,
            tests: all,
            seen,
            ..Verdict::new(self.exercise, Kind::Passed, sentence)
        })
    }

    fn failed(&self, index: usize, trial: &Trial) -> Result<Verdict> {
        let finding = finding(self.exercise, trial, self.subject, self.deadline);
        let after = match finding.kind {
            Kind::Unfinished => passed_after(
                self.course,
                self.program,
                &self.tests[index + 1..],
                self.stop,
            )?,
            _ => 0,
        };
        let (passed, all) = (index + after, self.tests.len());
        Ok(Verdict {
            passed,
            tests: all,
            test: Some(self.tests[index].sentence()),
            printed: trial.printed(),
            ..broken(self.exercise, finding, passed, all)
        })
    }
}

/// Two tests run at once, so that a verdict comes sooner. They run in their order, and what runs behind a test that fails is ended.
struct Ahead {
    results: Receiver<(usize, Result<Trial>)>,
    waiting: RefCell<BTreeMap<usize, Result<Trial>>>,
    stop: Stop,
}

/// More would take more memory than a learner may have, where a test takes all that it can get.
const AT_ONCE: usize = 2;

impl Ahead {
    fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        course: &'scope Course,
        program: &'scope Path,
        tests: &'scope [Test],
        deadline: Deadline,
        stop: &Stop,
    ) -> Ahead {
        let (sender, results) = mpsc::channel();
        let next = Arc::new(AtomicUsize::new(0));
        let ahead = Ahead {
            results,
            waiting: RefCell::default(),
            stop: stop.of_a_part(),
        };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..cores.min(AT_ONCE).min(tests.len()) {
            let (next, sender, stop) = (Arc::clone(&next), sender.clone(), ahead.stop.clone());
            scope.spawn(move || {
                while !stop.asked() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(test) = tests.get(index) else {
                        return;
                    };
                    let trial = test::run(course, program, test, deadline, &stop);
                    if sender.send((index, trial)).is_err() {
                        return;
                    }
                }
            });
        }
        ahead
    }

    /// The trial of one test, once it is there.
    fn trial(&self, index: usize) -> Result<Trial> {
        loop {
            if let Some(trial) = self.waiting.borrow_mut().remove(&index) {
                return trial;
            }
            match self.results.recv() {
                Ok((other, trial)) => {
                    self.waiting.borrow_mut().insert(other, trial);
                }
                // The threads have stopped before they came to it.
                Err(_) => return Err(Stopped.into()),
            }
        }
    }
}

impl Drop for Ahead {
    /// What still runs cannot change the verdict.
    fn drop(&mut self) {
        self.stop.ask();
    }
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
