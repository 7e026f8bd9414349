//! Documents for machines, in JSON.

use std::time::Duration;

use serde_json::{Value, json};

use crate::judging::test;
use crate::judging::verdict::{Departure, Kind as Verdicts, Verdict};
use crate::learner::progress::Progress;
use crate::mine::assembly::Assembly;
use crate::mine::failure::Failure;
use crate::mine::parts::{Part, Reason, Standing};
use crate::mine::serve::Served;
use crate::mine::trial::{Broken, Damage, Outcome};
use course::course::{Course, Exercise, Kind};
use course::names::name_of;

/// A verdict, and what a machine wants to know about the exercise besides.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The verdict.
    pub verdict: &'a Verdict,
    /// The exercise that it is about.
    pub exercise: &'a Exercise,
    /// The file that was judged, from the course's folder on.
    pub file: String,
}

impl Judged<'_> {
    /// How long it took, in seconds, to the millisecond.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        to_the_millisecond(self.verdict.took)
    }

    /// The marked line of the run and what is expected there. That of a prediction would be its answer.
    fn departs(&self) -> Option<Departure> {
        if self.verdict.kind == Verdicts::Passed {
            return None; // The runs of a passed exercise show what the learner was to bring about.
        }
        let seen = self.verdict.seen.as_ref()?;
        let departure = seen.departs(self.exercise)?;
        let spoils = self.exercise.kind == Kind::Predict;
        Some(Departure {
            expected: departure.expected.filter(|_| !spoils),
            ..departure
        })
    }

    /// Where the run is stuck: who holds what and who waits for whom, a row for each task.
    fn holders(&self) -> &[String] {
        match &self.verdict.seen {
            Some(seen) if self.verdict.kind != Verdicts::Passed => &seen.holders,
            _ => &[],
        }
    }

    /// How many tests the check has, also where none of them was tried.
    fn tests(&self) -> usize {
        match self.verdict.tests {
            0 => test::of(self.exercise).map_or(0, |tests| tests.len()),
            tried => tried,
        }
    }
}

/// The document of `check --json`.
#[must_use]
pub fn verdicts(judged: &[Judged<'_>]) -> Value {
    judged
        .iter()
        .map(|one| {
            let Verdict {
                id, number, passed, ..
            } = one.verdict;
            json!({
                "id": id,
                "number": number,
                "verdict": one.verdict.kind.name(),
                "mistake": one.verdict.mistake,
                "name": one.verdict.mistake.as_deref().map(name_of),
                "message": one.verdict.message(),
                "departs": one.departs(),
                "holders": one.holders(),
                "passed": passed,
                "tests": one.tests(),
                "optional": one.exercise.optional,
                "file": one.file,
                "seconds": one.seconds(),
            })
        })
        .collect()
}

/// The document of `list --json`.
#[must_use]
pub fn list(course: &Course, progress: &Progress) -> Value {
    course
        .exercises()
        .map(|exercise| {
            json!({
                "id": exercise.id,
                "number": exercise.number,
                "title": exercise.title,
                "kind": exercise.kind.name(),
                "state": progress.state(exercise).name(),
            })
        })
        .collect()
}

/// The document of `mine --json`.
#[must_use]
pub fn mine(
    parts: &[Part<'_>],
    tried: Option<(&Assembly, &Outcome<'_>)>,
    served: Option<&Served>,
    took: Duration,
) -> Value {
    let is_good = tried.is_none_or(|(_, outcome)| outcome.is_good())
        && served.is_none_or(|served| served.report.problem.is_none());
    let chapters = tried.map_or(&[][..], |(_, outcome)| &outcome.chapters);
    let chapters: Value = chapters
        .iter()
        .map(|chapter| {
            json!({ "chapter": chapter.folder, "passed": chapter.passed, "failed": chapter.failed })
        })
        .collect();
    let listed: Vec<&Part<'_>> = parts.iter().collect();
    json!({
        "verdict": if is_good { "passed" } else { "failed" },
        "yours": parts.iter().filter(|part| part.yours().is_some()).count(),
        "parts": parts.iter().map(part).collect::<Value>(),
        "chapters": chapters,
        "broken": tried.map_or_else(|| json!([]), |(assembly, outcome)| {
            outcome.broken.iter().map(|broken| damage(assembly, &listed, broken)).collect()
        }),
        "unsteady": tried.map_or_else(|| json!([]), |(assembly, outcome)| {
            outcome.unsteady.iter().map(|failure| test(assembly, &listed, failure)).collect()
        }),
        "beyond": tried.map_or_else(|| json!([]), |(assembly, outcome)| {
            outcome.beyond.iter().map(|failure| test(assembly, &listed, failure)).collect()
        }),
        "served": served.map(|served| &served.report),
        "seconds": to_the_millisecond(took),
    })
}

fn part(part: &Part<'_>) -> Value {
    let (state, why) = match &part.standing {
        Standing::Yours(_) => ("yours", None),
        Standing::Reference(Reason::NotStarted) => ("reference", Some("not-started".to_owned())),
        Standing::Reference(Reason::LeftOut) => ("reference", Some("left-out".to_owned())),
        Standing::Reference(Reason::NotPassing(kind, _)) => {
            ("reference", Some(kind.name().to_owned()))
        }
    };
    json!({
        "id": part.exercise.id,
        "number": part.exercise.number,
        "place": part.place.display().to_string().replace('\\', "/"),
        "state": state,
        "why": why,
    })
}

fn damage(assembly: &Assembly, all: &[&Part<'_>], broken: &Broken<'_>) -> Value {
    let ids: Vec<&str> = broken.parts.iter().map(|part| &*part.exercise.id).collect();
    match &broken.what {
        Damage::Build(errors) => json!({
            "parts": ids,
            "what": "does-not-compile",
            "errors": errors.iter().map(|error| json!({
                "file": assembly.in_the_learners_terms(&error.file, all),
                "line": error.line,
                "message": error.message,
            })).collect::<Value>(),
        }),
        Damage::Tests(failures) => json!({
            "parts": ids,
            "what": "tests-fail",
            "tests": failures.iter().map(|failure| test(assembly, all, failure)).collect::<Value>(),
        }),
    }
}

fn test(assembly: &Assembly, all: &[&Part<'_>], failure: &Failure) -> Value {
    json!({
        "file": failure.test.file_shown(),
        "test": failure.test.function,
        "what": failure.what_happened(),
        "message": assembly.in_the_learners_terms(&failure.message.join("\n"), all),
    })
}

/// The document that stands where another was asked for and cannot be given.
#[must_use]
pub fn error(sentence: &str) -> Value {
    json!({ "error": sentence })
}

fn to_the_millisecond(took: Duration) -> f64 {
    (took.as_secs_f64() * 1000.0).round() / 1000.0
}
