//! Running the tests of what was compiled, and comparing the verdicts with what must become of each source.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use course::files;
use learn::judging::outcome;
use learn::judging::test::{self, Test};
use learn::judging::verdict::{Kind, Verdict};

use crate::Call;
use crate::joint::Built;
use crate::trial::{Expected, Trial};

/// How long the tests of a source may run at first: a hundred times what they need. A known mistake that hangs takes all of it.
const SHORT: Duration = Duration::from_secs(2);

/// How long they may run where that was not enough to see what is expected, and those of a mutant: as long as a learner's.
const LONG: Duration = Duration::from_secs(10);

/// How many are run at once on each core: those that hang in a wait leave it to others.
const FOR_EACH_CORE: usize = 2;

/// What the check says about a source.
#[derive(Debug, Clone, Default)]
pub(crate) struct Judged {
    /// What is wrong with that.
    pub(crate) complaints: Vec<String>,
    /// The verdict in short: its kind, its code, the tests that passed.
    pub(crate) said: String,
    /// Its kind, if there is a verdict.
    pub(crate) kind: Option<Kind>,
    /// It passes the tests that were compiled with it, and these are not all.
    pub(crate) undecided: bool,
}

/// Judges everything; the results are in the order of the trials.
///
/// # Errors
///
/// If a program cannot be run; [`Stopped`](learn::stop::Stopped) if asked to stop.
pub(crate) fn all(call: &Call<'_>, trials: &[Trial<'_>], built: &[Built]) -> Result<Vec<Judged>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    let worker = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let (Some(trial), Some(built)) = (trials.get(index), built.get(index)) else {
                return;
            };
            let judged = judge(call, trial, built);
            results
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((index, judged));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..(cores * FOR_EACH_CORE).min(trials.len()) {
            scope.spawn(worker);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, judged)| judged).collect()
}

fn judge(call: &Call<'_>, trial: &Trial<'_>, built: &Built) -> Result<Judged> {
    let complaint = match built {
        Built::Refused(errors) => {
            let first = errors.first().map_or("", |error| error.message.as_str());
            let line = errors.first().map_or(0, |error| error.line);
            format!("{} does not compile: line {line}, {first}.", trial.what())
        }
        Built::TimedOut => format!("{} keeps the compiler busy for minutes.", trial.what()),
        Built::Program {
            path,
            module,
            warnings,
        } => {
            let verdict = verdict(call, trial, path, module)?;
            if trial.tests.is_some() && verdict.kind == Kind::Passed {
                return Ok(Judged {
                    undecided: true,
                    ..Judged::default()
                });
            }
            let mut complaints: Vec<String> = trial.complaint(&verdict).into_iter().collect();
            complaints.extend(kept_run(call, trial, &verdict)?);
            if complaints.is_empty()
                && let Some(sentence) = trial.refused_otherwise(call)?
            {
                complaints.push(format!("{} does not pass: {sentence}", trial.what()));
            }
            if trial.expected == Expected::Passed {
                complaints.extend(warnings.iter().map(|warning| {
                    let first = warning.rendered.lines().next().unwrap_or_default();
                    format!("the answer is not free of warnings: {first}.")
                }));
            }
            return Ok(Judged {
                complaints,
                said: said(&verdict),
                kind: Some(verdict.kind),
                undecided: false,
            });
        }
    };
    Ok(Judged {
        said: complaint.clone(),
        complaints: vec![complaint],
        ..Judged::default()
    })
}

/// Runs the tests, at first with little time. If the verdict is not the one that is expected, and time may be the reason, they are run
/// again with as much time as a learner's have.
fn verdict(call: &Call<'_>, trial: &Trial<'_>, program: &Path, module: &str) -> Result<Verdict> {
    let mut tests: Vec<Test> = test::of(trial.exercise)?;
    for test in &mut tests {
        module.clone_into(&mut test.module);
    }
    let all = tests.len();
    tests.truncate(trial.tests.unwrap_or(all));
    let run = |deadline| {
        outcome::run_these(
            call.course,
            trial.exercise,
            &trial.subject,
            program,
            &tests,
            deadline,
            call.stop,
        )
        .map(|verdict| Verdict {
            tests: all,
            ..verdict
        })
        .with_context(|| format!("while {} was tried", call.course.shown(&trial.file)))
    };
    let since = Instant::now();
    let verdict = run(match trial.expected {
        Expected::Mutant => LONG,
        _ => SHORT,
    })?;
    if trial.complaint(&verdict).is_some() && since.elapsed() > SHORT / 2 {
        return run(LONG);
    }
    Ok(verdict)
}

fn said(verdict: &Verdict) -> String {
    let code = verdict.mistake.as_deref().unwrap_or("no code");
    format!(
        "{}, {code}, {} of {}",
        verdict.kind.name(),
        verdict.passed,
        verdict.tests
    )
}

/// A mistake may have its run beside it, `CODE.run`, for a page that draws it: then that is what the check sees.
fn kept_run(call: &Call<'_>, trial: &Trial<'_>, verdict: &Verdict) -> Result<Option<String>> {
    let (Some(path), Some(seen)) = (trial.kept_run(), &verdict.seen) else {
        return Ok(None);
    };
    let text = seen.text();
    if files::normalise(&files::read_text(&path)?) == text {
        return Ok(None);
    }
    let shown = call.course.shown(&path);
    if call.arguments.write {
        files::write_whole(&path, &text)?;
        println!("{shown}: written");
        return Ok(None);
    }
    Ok(Some(format!(
        "{shown} is not the run that its check sees: `cargo learn verify --write` writes it."
    )))
}
