//! The mutants that no check can refuse, because they do what the answer does: `solutions/NN-name/mistakes/equivalent.txt`.
//!
//! A line names the exercise, the change as cargo-mutants describes it, without its place, and the reason:
//!
//! ```text
//! semaphore: replace > with >= in Semaphore::wake — with no free permit the loop behind it wakes nothing.
//! ```

use std::path::{Path, PathBuf};

use anyhow::Result;
use course::course::{Chapter, Course};
use course::files;

use crate::findings::Findings;

/// The file's name, below a chapter's mistakes.
pub(crate) const FILE: &str = "equivalent.txt";

/// A line of the list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Equivalent {
    /// The exercise.
    pub(crate) slug: String,
    /// The change.
    pub(crate) change: String,
    /// Its line, from 1.
    pub(crate) line: usize,
}

/// The list of a chapter.
pub(crate) fn path(course: &Course, chapter: &str) -> PathBuf {
    let mistakes = course.root.join("solutions").join(chapter).join("mistakes");
    mistakes.join(FILE)
}

/// The lines of a list; none if there is no such file. A line that is not written as one is a finding.
pub(crate) fn read(
    course: &Course,
    path: &Path,
    findings: &mut Findings,
) -> Result<Vec<Equivalent>> {
    let text = files::read_if_there(path)?.unwrap_or_default();
    let mut all = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        if text.trim().is_empty() || text.starts_with('#') {
            continue;
        }
        match parse(line, text) {
            Some(equivalent) => all.push(equivalent),
            None => {
                let what = format!(
                    "line {line} should say `exercise: the change — the reason`, and says `{text}`."
                );
                findings.add(course, path, what);
            }
        }
    }
    Ok(all)
}

/// Each line of a chapter's list is about one of its exercises.
pub(crate) fn check(course: &Course, chapter: &Chapter, findings: &mut Findings) -> Result<()> {
    let path = path(course, &chapter.folder);
    for Equivalent { slug, line, .. } in read(course, &path, findings)? {
        if !chapter.exercises.iter().any(|it| it.slug == slug) {
            let what = format!("line {line} is about `{slug}`, which is no exercise.");
            findings.add(course, &path, what);
        }
    }
    Ok(())
}

fn parse(line: usize, text: &str) -> Option<Equivalent> {
    let (slug, rest) = text.split_once(": ")?;
    let (change, reason) = rest.split_once(" — ")?;
    (!reason.trim().is_empty()).then(|| Equivalent {
        slug: slug.to_owned(),
        change: change.to_owned(),
        line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_exercise_the_change_and_the_reason() {
        let text = "tokens: replace Tokens<T>::len -> usize with 0 #2 — only Debug prints it: no contract says so.";
        let read = parse(7, text).expect("it is a line of the list");
        assert_eq!(read.slug, "tokens");
        assert_eq!(read.change, "replace Tokens<T>::len -> usize with 0 #2");
        assert_eq!(read.line, 7);
    }

    #[test]
    fn a_change_without_a_reason_is_no_line_of_the_list() {
        assert_eq!(parse(1, "tokens: replace < with <= in f"), None);
        assert_eq!(parse(1, "tokens: replace < with <= in f —  "), None);
        assert_eq!(parse(1, "replace < with <= in f — it does nothing."), None);
    }
}
