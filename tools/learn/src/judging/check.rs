//! Checking one exercise: from a file to a verdict.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::judging::borrowed;
use crate::judging::compile::{self, Built, How};
use crate::judging::limits::{self, Exceeded};
use crate::judging::outcome;
use crate::judging::refusal;
use crate::judging::room::{Job, Lints, Room};
use crate::judging::tokens;
use crate::judging::unseen;
use crate::judging::untouched;
use crate::judging::verdict::{Kind, Verdict};
use crate::judging::warned;
use crate::learner::passed;
use crate::stop::Stop;
use course::course::{Course, Exercise, Kind as ExerciseKind};
use course::files;
use course::stub;
use course::sums;

/// How long all tests of a check may run, unless the caller says otherwise.
pub const DEADLINE: Duration = Duration::from_secs(10);

/// How often a file that keeps changing is checked again before that itself is the verdict.
const ATTEMPTS: usize = 20;

/// Which file is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The learner's own.
    Own,
    /// The reference answer.
    Answer,
    /// Some other file, absolute.
    File(PathBuf),
}

impl Source {
    /// Where the file is.
    #[must_use]
    pub fn path(&self, exercise: &Exercise) -> PathBuf {
        match self {
            Source::Own => exercise.source.clone(),
            Source::Answer => exercise.answer.clone(),
            Source::File(path) => path.clone(),
        }
    }

    fn variant(&self) -> &'static str {
        match self {
            Source::Own => "own",
            Source::Answer => "answer",
            Source::File(_) => "with",
        }
    }
}

/// What a caller may decide about a check.
#[derive(Clone)]
pub struct Options {
    /// How long the tests of one exercise may run.
    pub deadline: Duration,
    /// Whether the compiler's errors are rendered with colours.
    pub colour: bool,
    /// Who may stop it.
    pub stop: Stop,
    /// Is told the name of each crate that was compiled.
    pub on_crate: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            deadline: DEADLINE,
            colour: false,
            stop: Stop::default(),
            on_crate: Arc::new(|_| {}),
        }
    }
}

/// Judges exercises, one after another; each verdict is given to `each` as soon as it is known. What has to be compiled is
/// compiled in one go, on all cores.
///
/// # Errors
///
/// If the course or the command is at fault, or [`Stopped`].
pub fn judge_all(
    course: &Course,
    exercises: &[&Exercise],
    source: &Source,
    options: &Options,
    mut each: impl FnMut(Verdict) -> Result<()>,
) -> Result<()> {
    if let [exercise] = exercises {
        return each(judge(course, exercise, source, options)?);
    }
    let first_looks: Vec<Look> = exercises
        .iter()
        .map(|exercise| Ok(look(course, exercise, source)?.among_many(course, exercise)))
        .collect::<Result<_>>()?;
    let jobs: Vec<Job<'_>> = exercises
        .iter()
        .zip(&first_looks)
        .filter(|(_, look)| matches!(look, Look::Judge(_)))
        .map(|(exercise, _)| job(exercise, source))
        .collect();
    let room = Room::open(
        course,
        &format!("all-{}", source.variant()),
        &jobs,
        &options.stop,
    )?;
    let mut built = compile_jobs(course, &room, &jobs, options)?.into_iter();
    for (exercise, look) in exercises.iter().zip(first_looks) {
        let begun = Instant::now();
        let verdict = match look {
            Look::Said(verdict) => *verdict,
            Look::Judge(version) => {
                let built = built.next().expect("each job was built");
                match conclude(course, exercise, source, options, &version, &built)? {
                    Some(verdict) => verdict,
                    None => judge(course, exercise, source, options)?,
                }
            }
        };
        each(timed(verdict, begun))?;
    }
    Ok(())
}

/// Judges one exercise.
///
/// # Errors
///
/// If the course or the command is at fault, or [`Stopped`].
pub fn judge(
    course: &Course,
    exercise: &Exercise,
    source: &Source,
    options: &Options,
) -> Result<Verdict> {
    let begun = Instant::now();
    for _ in 0..ATTEMPTS {
        let version = match look(course, exercise, source)? {
            Look::Said(verdict) => return Ok(timed(*verdict, begun)),
            Look::Judge(version) => version,
        };
        let jobs = [job(exercise, source)];
        let name = format!(
            "{}-{}-{}",
            exercise.chapter,
            exercise.short_name(),
            source.variant()
        );
        let room = Room::open(course, &name, &jobs, &options.stop)?;
        let built = compile_jobs(course, &room, &jobs, options)?;
        if let Some(verdict) = conclude(course, exercise, source, options, &version, &built[0])? {
            return Ok(timed(verdict, begun));
        }
    }
    bail!(
        "{} changed each time while it was being checked.",
        course.shown(&source.path(exercise))
    )
}

/// A check that is ready to be run, or the verdict that says why it is not.
pub enum Prepared {
    /// There is nothing to run.
    Said(Box<Verdict>),
    /// The program, in its room, which must be kept as long as the program is needed.
    Program {
        /// The check's program.
        path: PathBuf,
        /// Where it was built.
        room: Room,
        /// Whether the file is the untouched stub of a debugging exercise.
        untouched: bool,
    },
}

/// Builds the check of an exercise, for callers that run its tests themselves.
///
/// # Errors
///
/// As [`judge`].
pub fn prepare(
    course: &Course,
    exercise: &Exercise,
    source: &Source,
    options: &Options,
) -> Result<Prepared> {
    let version = match look(course, exercise, source)? {
        Look::Said(verdict) => return Ok(Prepared::Said(verdict)),
        Look::Judge(version) => version,
    };
    let jobs = [job(exercise, source)];
    let name = format!(
        "{}-{}-{}",
        exercise.chapter,
        exercise.short_name(),
        source.variant()
    );
    let room = Room::open(course, &name, &jobs, &options.stop)?;
    let built = compile_jobs(course, &room, &jobs, options)?;
    match built.into_iter().next() {
        Some(Built::Program { path, .. }) => Ok(Prepared::Program {
            path,
            room,
            untouched: version.untouched,
        }),
        Some(refused) => {
            let verdict = conclude(course, exercise, source, options, &version, &refused)?;
            match verdict {
                Some(verdict) => Ok(Prepared::Said(Box::new(verdict))),
                None => prepare(course, exercise, source, options),
            }
        }
        None => bail!("{} was not built.", exercise.id),
    }
}

/// Compiles what the check of an exercise depends on, so that the first save is judged quickly.
///
/// # Errors
///
/// As [`judge`]; what the exercise itself does wrong is none.
pub fn warm_up(course: &Course, exercise: &Exercise, options: &Options) -> Result<()> {
    let jobs = [job(exercise, &Source::Own)];
    let name = format!("{}-{}-own", exercise.chapter, exercise.short_name());
    let room = Room::open(course, &name, &jobs, &options.stop)?;
    compile_jobs(course, &room, &jobs, options).map(drop)
}

/// As [`warm_up`], but at low priority: for an exercise that the learner has not opened yet.
///
/// # Errors
///
/// As [`warm_up`].
#[cfg(feature = "screen")]
pub(crate) fn warm_up_gently(course: &Course, exercise: &Exercise, stop: &Stop) -> Result<()> {
    let jobs = [job(exercise, &Source::Own)];
    let name = format!("{}-{}-own", exercise.chapter, exercise.short_name());
    let room = Room::open(course, &name, &jobs, stop)?;
    let how = How {
        colour: false,
        stop,
        on_crate: Arc::new(|_| {}),
    };
    compile::build_gently(course, &room, &jobs, &how).map(drop)
}

/// What the text of the file shows before anything is compiled.
enum Look {
    Said(Box<Verdict>),
    Judge(Version),
}

/// The version of a file that is to be judged.
struct Version {
    hash: String,
    /// It is the stub: that of a debugging exercise, which is a whole program and has a run to show.
    untouched: bool,
    /// It has debug assertions, so it does something else where these are left out.
    asserts: bool,
}

impl Look {
    /// Among many exercises an untouched debugging exercise has a line of its own and no more, so it is not run.
    fn among_many(self, course: &Course, exercise: &Exercise) -> Look {
        match self {
            Look::Judge(version) if version.untouched => {
                Look::Said(Box::new(untouched::not_started(course, exercise)))
            }
            look => look,
        }
    }
}

fn look(course: &Course, exercise: &Exercise, source: &Source) -> Result<Look> {
    let path = source.path(exercise);
    let text = match (files::read_text(&path), source) {
        (Ok(text), _) => text,
        (Err(error), Source::Own) if !path.exists() => bail!(
            "{error} `cargo learn reset {}` writes the stub.",
            exercise.name()
        ),
        (Err(error), Source::Own) => bail!(
            "{error} `cargo learn reset {}` writes the stub again, and keeps what is there.",
            exercise.name()
        ),
        (Err(error), _) => return Err(error),
    };
    if let Some(sentence) = sums::tampering(course, exercise)? {
        return Ok(Look::Said(Box::new(Verdict::new(
            exercise,
            Kind::Failed,
            sentence,
        ))));
    }
    let untouched = *source != Source::Answer && is_stub(exercise, &text);
    if untouched && exercise.kind != ExerciseKind::Debug {
        return Ok(Look::Said(Box::new(untouched::not_started(
            course, exercise,
        ))));
    }
    if *source != Source::Answer
        && !untouched
        && let Some(sentence) = borrowed::sentence(course, exercise, &text)
    {
        let verdict = Verdict::new(exercise, Kind::Failed, sentence);
        return Ok(Look::Said(Box::new(verdict)));
    }
    if exercise.model
        && !untouched
        && let Some(unseen) = unseen::first_in(&text)
    {
        return Ok(Look::Said(Box::new(Verdict::new(
            exercise,
            Kind::Failed,
            unseen.sentence(),
        ))));
    }
    Ok(Look::Judge(Version {
        hash: files::hash(&text),
        untouched,
        asserts: tokens::tokens(&text)
            .iter()
            .any(|token| token.text.starts_with("debug_assert")),
    }))
}

/// Whether a text is the exercise's untouched stub.
#[must_use]
pub fn is_stub(exercise: &Exercise, text: &str) -> bool {
    let derived = files::read_text(&exercise.answer)
        .ok()
        .and_then(|answer| stub::derive(&answer).ok());
    derived.is_some_and(|derived| derived == files::normalise(text))
}

fn job<'a>(exercise: &'a Exercise, source: &Source) -> Job<'a> {
    Job {
        exercise,
        subject: source.path(exercise),
        variant: source.variant().to_owned(),
        lints: Lints::Exercises,
    }
}

fn compile_jobs(
    course: &Course,
    room: &Room,
    jobs: &[Job<'_>],
    options: &Options,
) -> Result<Vec<Built>> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let how = How {
        colour: options.colour,
        stop: &options.stop,
        on_crate: Arc::clone(&options.on_crate),
    };
    compile::build(course, room, jobs, &how)
}

/// The verdict, unless the file is no longer the version that was looked at: then it would be about two.
fn conclude(
    course: &Course,
    exercise: &Exercise,
    source: &Source,
    options: &Options,
    version: &Version,
    built: &Built,
) -> Result<Option<Verdict>> {
    let path = source.path(exercise);
    let verdict = match built {
        Built::Program {
            path: program,
            warnings,
        } => {
            let verdict = outcome::run_tests(
                course,
                exercise,
                &path,
                program,
                options.deadline,
                &options.stop,
            )?;
            warned::of_futures(verdict, &path, warnings)
        }
        Built::Refused(errors) => refusal::verdict(course, exercise, &path, errors),
        Built::Exceeded(Exceeded::Computing) => Verdict::new(
            exercise,
            Kind::TimedOut,
            format!(
                "The compiler was still at work on your file after {} s of computing, and was ended. Something in it is worked out \
                 while it is compiled, and does not come to an end: a `const`, a `const fn` that one calls, a macro, or a type that \
                 contains itself.",
                limits::COMPUTING.as_secs()
            ),
        ),
        Built::Exceeded(Exceeded::Memory) => Verdict::new(
            exercise,
            Kind::DoesNotCompile,
            "It does not compile: the compiler asked for more memory than it may have (8 GiB). Something in your file is worked out \
             while it is compiled, and grows: a `const`, an array, or a macro."
                .to_owned(),
        ),
        Built::TimedOut => Verdict::new(
            exercise,
            Kind::TimedOut,
            "The compiler was still at work on your file after a minute or more, and was ended. Something in it is worked out, or read, while \
             it is compiled, and does not come to an end."
                .to_owned(),
        ),
    };
    let verdict = match verdict.kind {
        Kind::Passed if version.asserts => {
            without_assertions(course, exercise, source, options)?.unwrap_or(verdict)
        }
        _ => verdict,
    };
    let verdict = if version.untouched {
        untouched::debugging(course, exercise, verdict)
    } else {
        verdict
    };
    // The code that was judged can write files, also a snapshot in the moment before it is compared.
    let verdict = match sums::tampering(course, exercise)? {
        Some(sentence) => Verdict::new(exercise, Kind::Failed, sentence),
        None => verdict,
    };
    let unchanged = files::read_text(&path).is_ok_and(|text| files::hash(&text) == version.hash);
    if unchanged && *source == Source::Own && verdict.kind == Kind::Passed {
        passed::remember(course, exercise, &version.hash);
    }
    Ok(unchanged.then_some(verdict))
}

/// What becomes of a file that has passed, where debug assertions are left out, as in a release: the verdict, if that is another one.
fn without_assertions(
    course: &Course,
    exercise: &Exercise,
    source: &Source,
    options: &Options,
) -> Result<Option<Verdict>> {
    let jobs = [job(exercise, source)];
    let name = format!(
        "{}-{}-{}-release",
        exercise.chapter,
        exercise.short_name(),
        source.variant()
    );
    let room = Room::without_assertions(course, &name, &jobs, &options.stop)?;
    let built = compile_jobs(course, &room, &jobs, options)?;
    let Some(Built::Program { path: program, .. }) = built.into_iter().next() else {
        return Ok(Some(Verdict::new(
            exercise,
            Kind::DoesNotCompile,
            "It compiles with debug assertions, and not without them, as for a release.".to_owned(),
        )));
    };
    let path = source.path(exercise);
    let (deadline, stop) = (options.deadline, &options.stop);
    let verdict = outcome::run_tests(course, exercise, &path, &program, deadline, stop)?;
    Ok((verdict.kind != Kind::Passed).then(|| Verdict {
        sentence: format!(
            "Every test passes with debug assertions, and this one fails without them, as in a release: what stands in `debug_assert!` or \
             depends on `debug_assertions` is left out there. {}",
            verdict.sentence
        ),
        ..verdict
    }))
}

fn timed(verdict: Verdict, begun: Instant) -> Verdict {
    Verdict {
        took: begun.elapsed(),
        ..verdict
    }
}
