//! Verdicts for machines: JSON and JUnit.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::course::Course;
use crate::mine::assembly::Assembly;
use crate::mine::failure::Failure;
use crate::mine::parts::{Part, Reason, Standing};
use crate::mine::serve::Served;
use crate::mine::trial::{Broken, Damage, Outcome};
use crate::progress::Progress;
use crate::verdict::{Kind, Verdict};

/// The document of `check --json`.
#[must_use]
pub fn verdicts(verdicts: &[Verdict]) -> Value {
    verdicts
        .iter()
        .map(|verdict| {
            json!({
                "id": verdict.id,
                "number": verdict.number,
                "verdict": verdict.kind.name(),
                "mistake": verdict.mistake,
                "message": verdict.message(),
                "seconds": seconds(verdict),
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
        "served": served.map(|served| &served.report),
        "seconds": (took.as_secs_f64() * 1000.0).round() / 1000.0,
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

/// The same as [`verdicts`], in the form that CI servers read. What was not finished is skipped there, what is wrong failed.
#[must_use]
pub fn junit(verdicts: &[Verdict]) -> String {
    let of = |kinds: &[Kind]| {
        verdicts
            .iter()
            .filter(|verdict| kinds.contains(&verdict.kind))
            .count()
    };
    let seconds_of_all: f64 = verdicts.iter().map(seconds).sum();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        xml,
        "<testsuites>\n  <testsuite name=\"from-yield-to-await\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" \
         time=\"{seconds_of_all:.3}\">",
        verdicts.len(),
        of(&[
            Kind::Failed,
            Kind::DoesNotCompile,
            Kind::TimedOut,
            Kind::Unfinished
        ]),
        of(&[Kind::NotStarted]),
    );
    for verdict in verdicts {
        test_case(&mut xml, verdict);
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn test_case(xml: &mut String, verdict: &Verdict) {
    let (chapter, name) = verdict.id.split_once('/').unwrap_or(("", &verdict.id));
    let _ = write!(
        xml,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
        escaped(chapter),
        escaped(name),
        seconds(verdict)
    );
    let message = escaped(&verdict.message());
    let kind = verdict.mistake.as_deref().unwrap_or(verdict.kind.name());
    let _ = match verdict.kind {
        Kind::Passed => writeln!(xml, "/>"),
        Kind::NotStarted => writeln!(
            xml,
            ">\n      <skipped message=\"{message}\"/>\n    </testcase>"
        ),
        _ => writeln!(
            xml,
            ">\n      <failure type=\"{}\" message=\"{message}\"/>\n    </testcase>",
            escaped(kind)
        ),
    };
}

fn seconds(verdict: &Verdict) -> f64 {
    (verdict.took.as_secs_f64() * 1000.0).round() / 1000.0
}

/// A text inside an attribute. Control characters that XML does not allow become question marks.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            other if other.is_control() || matches!(other, '\u{fffe}' | '\u{ffff}') => {
                out.push('?')
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_allow_is_escaped() {
        assert_eq!(
            escaped("a<b> & \"c\"\n\u{1b}[0m"),
            "a&lt;b&gt; &amp; &quot;c&quot;&#10;?[0m"
        );
    }
}
