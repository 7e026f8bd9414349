//! `cargo learn check`: verdicts, for people and for machines.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::arguments;
use crate::documents::junit;
use crate::documents::output::{self, Judged};
use crate::id;
use crate::judging::check::{self, Options, Source};
use crate::judging::verdict::{Kind, Verdict};
use crate::judging::waiting;
use crate::learner::next_step;
use crate::learner::progress::Progress;
use crate::screen;
use crate::screen::paint::Paint;
use crate::stop::Stop;
use course::course::{Course, Exercise};
use course::files;

/// Runs the checks and prints their verdicts: 0 if all passed, 1 if some did not.
///
/// # Errors
///
/// If the command or the course is at fault.
pub fn run(course: &Course, arguments: &arguments::Check, stop: &Stop) -> Result<ExitCode> {
    let exercises = chosen(course, arguments)?;
    let source = source(arguments, &exercises)?;
    // A damaged progress file is said before anything is built.
    Progress::read(course)?;
    let paint = Paint::for_stdout();
    waiting::tell_on_standard_error();
    let options = Options {
        deadline: deadline(arguments.deadline)?,
        colour: paint.colour && !arguments.json,
        stop: stop.clone(),
        on_crate: announce_builds(),
    };
    let mut verdicts = Vec::new();
    check::judge_all(course, &exercises, &source, &options, |verdict| {
        if source == Source::Own && verdict.kind == Kind::Passed {
            Progress::update(course, |progress| progress.passed(&verdict.id))?;
        }
        if !arguments.json {
            show(course, &exercises, &verdict, &source, paint);
        }
        verdicts.push(verdict);
        Ok(())
    })?;
    let judged = judged_ones(course, &exercises, &verdicts, &source);
    // The file comes first: if it cannot be written, standard output is still one document.
    if let Some(path) = &arguments.junit {
        files::write_whole(path, &junit::document(&judged))?;
    }
    if arguments.json {
        println!("{}", output::verdicts(&judged));
    }
    let passed = verdicts.iter().all(|verdict| verdict.kind == Kind::Passed);
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

/// The verdicts with their exercises, which are in the same order.
fn judged_ones<'a>(
    course: &Course,
    exercises: &[&'a Exercise],
    verdicts: &'a [Verdict],
    source: &Source,
) -> Vec<Judged<'a>> {
    let pairs = exercises.iter().zip(verdicts);
    pairs
        .map(|(&exercise, verdict)| Judged {
            verdict,
            exercise,
            file: course.shown(&source.path(exercise)),
        })
        .collect()
}

/// The exercises that are meant: those named, all, or the next.
fn chosen<'a>(course: &'a Course, arguments: &arguments::Check) -> Result<Vec<&'a Exercise>> {
    if arguments.all || (arguments.solution && arguments.ids.is_empty()) {
        return Ok(course.exercises().collect());
    }
    if arguments.ids.is_empty() {
        let progress = Progress::read(course)?;
        return match progress.next(course) {
            Some(next) => Ok(vec![next]),
            None => bail!("Every exercise is solved or skipped: say which one to check, or --all."),
        };
    }
    let mut chosen: Vec<&Exercise> = Vec::new();
    for id in &arguments.ids {
        let exercise = id::find(course, id)?;
        if !chosen.iter().any(|other| other.id == exercise.id) {
            chosen.push(exercise);
        }
    }
    Ok(chosen)
}

fn source(arguments: &arguments::Check, exercises: &[&Exercise]) -> Result<Source> {
    if arguments.with.is_some() && (exercises.len() != 1 || arguments.ids.is_empty()) {
        bail!("--with puts one file in the place of one exercise: name exactly one.");
    }
    judged(arguments.solution, arguments.with.as_deref())
}

/// The file that is judged: the answer, some other one, or the learner's own.
///
/// # Errors
///
/// If that other one cannot be read.
pub(super) fn judged(solution: bool, with: Option<&Path>) -> Result<Source> {
    let Some(file) = with else {
        return Ok(if solution {
            Source::Answer
        } else {
            Source::Own
        });
    };
    files::read_text(file)?;
    let absolute: PathBuf =
        std::path::absolute(file).with_context(|| format!("{} has no place", file.display()))?;
    Ok(Source::File(absolute))
}

/// The deadline that the arguments ask for.
///
/// # Errors
///
/// If it is not a time.
pub(super) fn deadline(seconds: f64) -> Result<Duration> {
    match Duration::try_from_secs_f64(seconds) {
        Ok(deadline) if deadline > Duration::ZERO => Ok(deadline),
        _ => bail!("--deadline wants a number of seconds above 0."),
    }
}

/// Says on standard error what is compiled, when it is more than the exercise itself.
pub(super) fn announce_builds() -> Arc<dyn Fn(&str) + Send + Sync> {
    let count = AtomicUsize::new(0);
    let in_a_terminal = std::io::stderr().is_terminal();
    Arc::new(move |name| {
        if name.starts_with("check_") {
            return;
        }
        let crates = count.fetch_add(1, Ordering::Relaxed) + 1;
        if crates == 1 {
            eprintln!("Building what the checks depend on. This happens once.");
        }
        if in_a_terminal {
            eprint!("\r{crates} crates are built \r");
        }
    })
}

fn show(
    course: &Course,
    exercises: &[&Exercise],
    verdict: &Verdict,
    source: &Source,
    paint: Paint,
) {
    let exercise = exercises.iter().find(|exercise| exercise.id == verdict.id);
    let exercise = exercise.expect("a verdict is about a chosen exercise");
    if exercises.len() > 1 && matches!(verdict.kind, Kind::Passed | Kind::NotStarted) {
        println!("{}", screen::verdict::line(exercise, verdict, paint));
        return;
    }
    print!(
        "{}",
        screen::verdict::draw(
            exercise,
            &course.shown(&source.path(exercise)),
            verdict,
            paint
        )
    );
    if *source == Source::Own {
        print!("{}", next_step::after(course, exercise, verdict, paint));
    }
    // A verdict with its picture just fits a screen, so nothing follows the last line of one.
    if exercises.len() > 1 {
        println!();
    }
}
