//! What the checks say about stubs, answers and known mistakes. All of them are built in one go, on all cores.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::Findings;
use crate::course::{Course, Exercise, Kind as ExerciseKind};
use crate::judging::compile::{self, Built, How};
use crate::judging::outcome;
use crate::judging::room::{Job, Lints, Room};
use crate::judging::verdict::{Kind, Verdict};
use crate::learner::files;
use crate::mistakes;
use crate::stop::Stop;
use crate::stub;

/// How long the tests may run. A known mistake that hangs takes all of it.
const DEADLINE: Duration = Duration::from_secs(5);

/// Tries every stub, answer and known mistake, and returns how many these were. With `write`, runs that are kept beside a mistake
/// are written anew.
pub(super) fn check(
    course: &Course,
    write: bool,
    stop: &Stop,
    findings: &mut Findings,
) -> Result<usize> {
    let trials: Vec<Trial<'_>> = course
        .exercises()
        .map(|exercise| trials(course, exercise, findings))
        .collect::<Result<Vec<_>>>()?
        .concat();
    if trials.is_empty() {
        return Ok(0);
    }
    let jobs: Vec<Job<'_>> = trials.iter().map(|trial| trial.job.clone()).collect();
    let room = Room::open(course, "verify", &jobs, stop)?;
    let how = How {
        colour: false,
        stop,
        on_crate: Arc::new(|_| {}),
    };
    let built = compile::build(course, &room, &jobs, &how)?;
    for (trial, complaints) in trials
        .iter()
        .zip(judge_on_all_cores(course, &trials, &built, write, stop)?)
    {
        for complaint in complaints {
            findings.add(course, &trial.file, complaint);
        }
    }
    Ok(trials.len())
}

/// A source that the check must say something certain about.
#[derive(Clone)]
struct Trial<'a> {
    job: Job<'a>,
    /// The file that a finding names.
    file: PathBuf,
    expected: Expected,
}

#[derive(Clone)]
enum Expected {
    /// It compiles, and does not pass; that of a debugging exercise shows a run in which a test fails.
    Stub,
    /// It passes, without a warning.
    Passed,
    /// It is refused with this code.
    Mistake(String),
}

/// Where the stub of an exercise is written for a trial: the learner's file may be anything.
pub(super) fn stub_path(course: &Course, exercise: &Exercise) -> PathBuf {
    let folder = course.target.join("stubs").join(&exercise.chapter);
    folder.join(format!("{}.rs", exercise.slug))
}

fn trials<'a>(
    course: &Course,
    exercise: &'a Exercise,
    findings: &mut Findings,
) -> Result<Vec<Trial<'a>>> {
    let Ok(answer) = files::read_text(&exercise.answer) else {
        return Ok(Vec::new());
    };
    if !exercise.check.is_file() {
        return Ok(Vec::new());
    }
    let trial = |file: &Path, subject: PathBuf, variant: String, lints, expected| Trial {
        job: Job {
            exercise,
            subject,
            variant,
            lints,
        },
        file: file.to_owned(),
        expected,
    };
    let mut trials = vec![trial(
        &exercise.answer,
        exercise.answer.clone(),
        "answer".to_owned(),
        Lints::Solutions,
        Expected::Passed,
    )];
    if let Ok(derived) = stub::derive(&answer) {
        let path = stub_path(course, exercise);
        files::write_if_changed(&path, &derived)?;
        trials.push(trial(
            &exercise.source,
            path,
            "stub".to_owned(),
            Lints::Exercises,
            Expected::Stub,
        ));
    }
    for mistake in mistakes::of(exercise) {
        let subject = match mistake.written(course, exercise) {
            Ok(subject) => subject,
            Err(error) => {
                findings.add(course, &mistake.file, format!("{error:#}."));
                continue;
            }
        };
        trials.push(trial(
            &mistake.file,
            subject,
            format!("mistake-{}", mistake.name.replace('.', "-")),
            Lints::Exercises,
            Expected::Mistake(mistake.code),
        ));
    }
    Ok(trials)
}

/// What is wrong with each trial, in their order.
fn judge_on_all_cores(
    course: &Course,
    trials: &[Trial<'_>],
    built: &[Built],
    write: bool,
    stop: &Stop,
) -> Result<Vec<Vec<String>>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let (Some(trial), Some(built)) = (trials.get(index), built.get(index)) else {
                return;
            };
            let complaints = judge(course, trial, built, write, stop);
            results
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((index, complaints));
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results
        .into_iter()
        .map(|(_, complaints)| complaints)
        .collect()
}

fn judge(
    course: &Course,
    trial: &Trial<'_>,
    built: &Built,
    write: bool,
    stop: &Stop,
) -> Result<Vec<String>> {
    let job = &trial.job;
    match built {
        Built::Refused(errors) => {
            let first = errors.first().map_or("", |error| error.message.as_str());
            let line = errors.first().map_or(0, |error| error.line);
            Ok(vec![format!(
                "{} does not compile: line {line}, {first}.",
                trial.what()
            )])
        }
        Built::TimedOut => Ok(vec![format!(
            "{} keeps the compiler busy for minutes.",
            trial.what()
        )]),
        Built::Program { path, warnings } => {
            let verdict =
                outcome::run_tests(course, job.exercise, &job.subject, path, DEADLINE, stop)
                    .with_context(|| format!("while {} was tried", course.shown(&trial.file)))?;
            let mut complaints = trial.complaints(&verdict);
            complaints.extend(kept_run(course, trial, &verdict, write)?);
            if matches!(trial.expected, Expected::Passed) {
                complaints.extend(warnings.iter().map(|warning| {
                    let first = warning.rendered.lines().next().unwrap_or_default();
                    format!("the answer is not free of warnings: {first}.")
                }));
            }
            Ok(complaints)
        }
    }
}

/// A mistake may have its run beside it, `CODE.run`, for a page that draws it: then that is what the check sees.
fn kept_run(
    course: &Course,
    trial: &Trial<'_>,
    verdict: &Verdict,
    write: bool,
) -> Result<Option<String>> {
    let path = trial.file.with_extension("run");
    let kept = match &trial.expected {
        Expected::Mistake(_) => files::read_if_there(&path)?,
        _ => None,
    };
    let (Some(kept), Some(seen)) = (kept, &verdict.seen) else {
        return Ok(None);
    };
    let text = seen.text();
    if files::normalise(&kept) == text {
        return Ok(None);
    }
    if write {
        files::write_whole(&path, &text)?;
        println!("{}: written", course.shown(&path));
        return Ok(None);
    }
    let path = course.shown(&path);
    Ok(Some(format!(
        "{path} is not the run that its check sees: `cargo learn verify --write` writes it."
    )))
}

impl Trial<'_> {
    fn what(&self) -> String {
        match &self.expected {
            Expected::Stub => "the stub".to_owned(),
            Expected::Passed => format!("the answer of {}", self.job.exercise.id),
            Expected::Mistake(_) => "the known mistake".to_owned(),
        }
    }

    fn complaints(&self, verdict: &Verdict) -> Vec<String> {
        let said = match &verdict.mistake {
            Some(code) => format!("`{}`, {code}", verdict.kind.name()),
            None => format!("`{}` ({})", verdict.kind.name(), verdict.message()),
        };
        let complaint = match &self.expected {
            Expected::Stub if verdict.kind == Kind::Passed => {
                Some("the stub passes its own check: there is nothing to do.".to_owned())
            }
            Expected::Stub if self.hides_its_fault(verdict) => Some(
                "the untouched debugging exercise shows no run in which a test fails, and such a run is what a debugging exercise starts from.".to_owned(),
            ),
            Expected::Passed if verdict.kind != Kind::Passed => Some(format!(
                "the answer of {} does not pass: {said}.",
                self.job.exercise.id
            )),
            Expected::Mistake(code) if verdict.mistake.as_ref() != Some(code) => Some(format!(
                "should be refused as {code}, and the check says {said}."
            )),
            _ => None,
        };
        complaint.into_iter().collect()
    }

    fn hides_its_fault(&self, verdict: &Verdict) -> bool {
        let shows_it =
            matches!(verdict.kind, Kind::Failed | Kind::TimedOut) && verdict.seen.is_some();
        self.job.exercise.kind == ExerciseKind::Debug && !shows_it
    }
}
