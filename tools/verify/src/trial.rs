//! The sources that are tried, and what must become of each.

use std::path::PathBuf;

use anyhow::Result;
use course::course::{Course, Exercise, Kind as ExerciseKind};
use course::files;
use course::mistakes;
use course::stub;
use learn::judging::check::{self, Options, Source};
use learn::judging::room::Lints;
use learn::judging::verdict::{Kind, Verdict};
use learn::judging::{borrowed, unseen};

use crate::Call;
use crate::findings::Findings;
use crate::needed::Names;

/// A source about which the check must say something certain.
#[derive(Debug, Clone)]
pub(crate) struct Trial<'a> {
    pub(crate) exercise: &'a Exercise,
    /// Tells apart the sources of one exercise: `answer`, `stub`, `mistake-off-by-one-2`.
    pub(crate) variant: String,
    /// The file that a finding names.
    pub(crate) file: PathBuf,
    /// The file that is compiled: it holds `text`.
    pub(crate) subject: PathBuf,
    pub(crate) text: String,
    pub(crate) expected: Expected,
    /// How many tests of the check are compiled with it, if not all.
    pub(crate) tests: Option<usize>,
}

/// What must become of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expected {
    /// It compiles, and does not pass; the one of a debugging exercise shows a run in which a test fails.
    Stub,
    /// It passes, without a warning.
    Passed,
    /// It passes under the lints of a learner's file: a right answer that is unlike the reference.
    Right,
    /// It is refused with this code.
    Mistake(String),
    /// It is refused, unless it does the same as the answer: see [`mutants`](crate::mutants).
    Mutant,
}

/// Where the stub of an exercise is written for a trial: the learner's file may be anything.
pub(crate) fn stub_path(course: &Course, exercise: &Exercise) -> PathBuf {
    variant_path(course, exercise, "stub")
}

fn variant_path(course: &Course, exercise: &Exercise, variant: &str) -> PathBuf {
    let folder = course.target.join("variants").join(&exercise.chapter);
    let folder = folder.join(&exercise.slug).join(variant);
    folder.join(format!("{}.rs", exercise.slug))
}

/// The sources of an exercise; none if its answer or its check is missing. An edit that does not fit the answer is a finding.
pub(crate) fn of<'a>(
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
    let derived = |variant: &str, file: PathBuf, text: String, expected| {
        Trial::derived(course, exercise, variant, file, text, expected)
    };
    let mut trials = Vec::new();
    if let Ok(stub) = stub::derive(&answer) {
        let file = exercise.source.clone();
        trials.push(derived("stub", file, stub, Expected::Stub)?);
    }
    let names = names_in(exercise)?;
    for mistake in mistakes::of(exercise) {
        let text = match mistake.program(exercise) {
            Ok(text) => text,
            Err(error) => {
                findings.add(course, &mistake.file, format!("{error:#}."));
                continue;
            }
        };
        let variant = format!("mistake-{}", mistake.name.replace('.', "-"));
        let expected = Expected::Mistake(mistake.code.clone());
        trials.push(Trial {
            tests: names.tests_for(&mistake.code),
            ..derived(&variant, mistake.file, text, expected)?
        });
    }
    let answer = Trial {
        exercise,
        variant: "answer".to_owned(),
        file: exercise.answer.clone(),
        subject: exercise.answer.clone(),
        text: answer,
        expected: Expected::Passed,
        tests: None,
    };
    trials.insert(0, answer);
    for file in files::with_ending(&exercise.others, "rs") {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        trials.push(Trial {
            exercise,
            variant: format!("other-{name}"),
            subject: file.clone(),
            text: files::read_text(&file)?,
            file,
            expected: Expected::Right,
            tests: None,
        });
    }
    Ok(trials)
}

/// The names in a check and its modules, in the order of its tests.
fn names_in(exercise: &Exercise) -> Result<Names> {
    let check = files::read_text(&exercise.check)?;
    let declared = exercise.declared_modules(&check);
    let mut modules: Vec<PathBuf> = declared.into_iter().map(|(_, file)| file).collect();
    let others = files::with_ending(&exercise.check_modules(), "rs");
    let others: Vec<PathBuf> = others
        .into_iter()
        .filter(|file| !modules.contains(file))
        .collect();
    modules.extend(others);
    let modules: Vec<String> = modules
        .iter()
        .map(|module| files::read_text(module))
        .collect::<Result<_>>()?;
    Ok(Names::of(&check, &modules))
}

impl<'a> Trial<'a> {
    /// Of a source that is written for the trial alone.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn derived(
        course: &Course,
        exercise: &'a Exercise,
        variant: &str,
        file: PathBuf,
        text: String,
        expected: Expected,
    ) -> Result<Trial<'a>> {
        let subject = variant_path(course, exercise, variant);
        files::write_if_changed(&subject, &text)?;
        Ok(Trial {
            exercise,
            variant: variant.to_owned(),
            file,
            subject,
            text,
            expected,
            tests: None,
        })
    }

    /// The module that holds it in the crate of its exercise.
    pub(crate) fn module(&self) -> String {
        self.variant.replace('-', "_")
    }

    /// Whose lints apply.
    pub(crate) fn lints(&self) -> Lints {
        match self.expected {
            Expected::Passed => Lints::Solutions,
            Expected::Stub | Expected::Right | Expected::Mistake(_) | Expected::Mutant => {
                Lints::Exercises
            }
        }
    }

    /// A mistake may have its run beside it, for a page that draws it.
    pub(crate) fn kept_run(&self) -> Option<PathBuf> {
        let is_mistake = matches!(self.expected, Expected::Mistake(_));
        let path = self.file.with_extension("run");
        (is_mistake && path.is_file()).then_some(path)
    }

    /// What a finding calls it.
    pub(crate) fn what(&self) -> String {
        match &self.expected {
            Expected::Stub => "the stub".to_owned(),
            Expected::Passed => format!("the answer of {}", self.exercise.id),
            Expected::Right => format!("this right answer to {}", self.exercise.id),
            Expected::Mistake(_) => "the known mistake".to_owned(),
            Expected::Mutant => "the mutant".to_owned(),
        }
    }

    /// What is wrong with this verdict about it.
    pub(crate) fn complaint(&self, verdict: &Verdict) -> Option<String> {
        let said = match &verdict.mistake {
            Some(code) => format!("`{}`, {code}", verdict.kind.name()),
            None => format!("`{}` ({})", verdict.kind.name(), verdict.message()),
        };
        match &self.expected {
            Expected::Stub if verdict.kind == Kind::Passed => {
                Some("the stub passes its own check: there is nothing to do.".to_owned())
            }
            Expected::Stub if self.hides_its_fault(verdict) => Some(
                "the untouched debugging exercise shows no run in which a test fails, and such a run is what a debugging exercise starts from.".to_owned(),
            ),
            Expected::Passed | Expected::Right if verdict.kind != Kind::Passed => {
                Some(format!("{} does not pass: {said}.", self.what()))
            }
            Expected::Mistake(code) if verdict.mistake.as_ref() != Some(code) => Some(format!(
                "should be refused as {code}, and the check says {said}."
            )),
            _ => None,
        }
    }

    /// Why a right answer is refused, though its tests pass: what `cargo learn check` looks for before and after the tests.
    ///
    /// # Errors
    ///
    /// If it cannot be checked without its debug assertions.
    pub(crate) fn refused_otherwise(&self, call: &Call<'_>) -> Result<Option<String>> {
        if self.expected != Expected::Right {
            return Ok(None);
        }
        let exercise = self.exercise;
        let unseen = || unseen::first_in(&self.text).map(|unseen| unseen.sentence());
        let seen = borrowed::sentence(call.course, exercise, &self.text)
            .or_else(|| exercise.model.then(unseen).flatten());
        if seen.is_some() || !self.text.contains("debug_assert") {
            return Ok(seen);
        }
        let options = Options {
            stop: call.stop.clone(),
            ..Options::default()
        };
        let source = Source::File(self.file.clone());
        let verdict = check::judge(call.course, exercise, &source, &options)?;
        Ok((verdict.kind != Kind::Passed).then(|| verdict.message()))
    }

    fn hides_its_fault(&self, verdict: &Verdict) -> bool {
        let shows_it =
            matches!(verdict.kind, Kind::Failed | Kind::TimedOut) && verdict.seen.is_some();
        self.exercise.kind == ExerciseKind::Debug && !shows_it
    }
}
