//! Verdicts for machines: JSON and JUnit.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::course::Course;
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
