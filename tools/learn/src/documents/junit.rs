//! Verdicts in the form that CI servers read: JUnit's.
//!
//! There is no one standard, so this keeps to what Jenkins, GitLab and the actions of GitHub have in common: GitLab shows the
//! text of a `failure`, Jenkins its `message` and its text, and both take `classname` with `name` for what tells cases apart.

use std::fmt::Write as _;

use crate::documents::output::Judged;
use crate::judging::verdict::{Kind, Verdict};
use course::names::name_of;

/// The document of `check --junit`. What is not begun or not finished is skipped there, and what is wrong has failed.
#[must_use]
pub fn document(judged: &[Judged<'_>]) -> String {
    let count = |outcome| {
        let of_it = |one: &&Judged<'_>| Outcome::of(one.verdict.kind) == outcome;
        judged.iter().filter(of_it).count()
    };
    let totals = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"{:.3}\"",
        judged.len(),
        count(Outcome::Failure),
        count(Outcome::Skipped),
        judged.iter().map(|one| one.seconds()).sum::<f64>(),
    );
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(
        xml,
        "<testsuites name=\"from-yield-to-await\" {totals}>\n  <testsuite name=\"from-yield-to-await\" {totals}>"
    );
    for one in judged {
        test_case(&mut xml, one);
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

/// What becomes of a verdict among three sorts of outcome.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Success,
    Skipped,
    Failure,
}

impl Outcome {
    fn of(kind: Kind) -> Outcome {
        match kind {
            Kind::Passed => Outcome::Success,
            Kind::NotStarted | Kind::Unfinished => Outcome::Skipped,
            Kind::Failed | Kind::DoesNotCompile | Kind::TimedOut => Outcome::Failure,
        }
    }
}

fn test_case(xml: &mut String, one: &Judged<'_>) {
    let verdict = one.verdict;
    let (chapter, name) = verdict.id.split_once('/').unwrap_or(("", &verdict.id));
    let _ = write!(
        xml,
        "    <testcase classname=\"{}\" name=\"{}\" file=\"{}\" time=\"{:.3}\"",
        escaped(chapter),
        escaped(name),
        escaped(&one.file),
        one.seconds(),
    );
    let message = escaped(&verdict.message());
    let _ = match Outcome::of(verdict.kind) {
        Outcome::Success => writeln!(xml, "/>"),
        Outcome::Skipped => writeln!(
            xml,
            ">\n      <skipped message=\"{message}\">{message}</skipped>\n    </testcase>"
        ),
        Outcome::Failure => writeln!(
            xml,
            ">\n      <failure type=\"{}\" message=\"{message}\">{}</failure>\n    </testcase>",
            escaped(verdict.mistake.as_deref().unwrap_or(verdict.kind.name())),
            escaped(&details(verdict)),
        ),
    };
}

/// All that a reader without a terminal needs: the message, and then the run, the output or the compiler's errors.
fn details(verdict: &Verdict) -> String {
    let mut text = verdict.message();
    if let Some(seen) = &verdict.seen {
        let _ = write!(text, "\n\nyour run\n{}", seen.text().trim_end());
    }
    if !verdict.printed.is_empty() {
        let _ = write!(
            text,
            "\n\nyour code printed\n{}",
            verdict.printed.join("\n")
        );
    }
    for error in &verdict.errors {
        let _ = write!(text, "\n\n{error}");
    }
    let _ = write!(text, "\n\ncargo learn check {}\n", verdict.id);
    if let Some(mistake) = &verdict.mistake {
        let _ = writeln!(text, "cargo learn explain {}", name_of(mistake));
    }
    text
}

/// A text inside an element or an attribute, without a terminal's colours. What else XML does not allow becomes a question mark.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for char in without_colours(text).chars() {
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

/// Leaves out each `ESC [ … letter`, which is how colours reach a terminal.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|char: char| ('@'..='~').contains(&char));
        plain.push_str(end.map_or("", |end| &part[end + 1..]));
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_allow_is_escaped_and_colours_are_left_out() {
        assert_eq!(
            escaped("a<b> & \"c\"\n\u{1b}[1;31mred\u{1b}[0m\u{7}\u{1b}"),
            "a&lt;b&gt; &amp; &quot;c&quot;&#10;red??"
        );
    }
}
