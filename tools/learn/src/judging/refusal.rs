//! What to say when the compiler refuses.

use std::path::{MAIN_SEPARATOR, Path};

use crate::judging::compile::CompileError;
use crate::judging::verdict::{Kind, Verdict};
use course::course::{Course, Exercise};

/// How many errors are shown: the first one is usually the cause of the others.
const SHOWN: usize = 3;

/// The verdict about a file that does not compile, or that the check cannot use.
#[must_use]
pub fn verdict(
    course: &Course,
    exercise: &Exercise,
    subject: &Path,
    errors: &[CompileError],
) -> Verdict {
    let file = subject.display().to_string();
    let own: Vec<&CompileError> = errors.iter().filter(|error| error.file == file).collect();
    let sentence = match (own.first(), errors.first()) {
        (Some(error), _) => format!(
            "It does not compile. Line {}: {}.{}",
            error.line,
            error.message,
            about_unsafe(&error.message)
        ),
        (None, Some(error)) => {
            let label = error
                .label
                .as_ref()
                .map_or_else(String::new, |label| format!(" ({label})"));
            format!(
                "It compiles by itself, but the check cannot use it: {}{label}. The names and signatures of the stub must stay \
                 as they are.",
                error.message
            )
        }
        (None, None) => "It does not compile.".to_owned(),
    };
    // Where only the check fails, one change of a signature is behind all of it.
    let all = own.len();
    let shown: Vec<&CompileError> = if own.is_empty() {
        errors.iter().take(1).collect()
    } else {
        own.into_iter().take(SHOWN).collect()
    };
    let sentence = format!("{sentence}{}", left_out(all, shown.len()));
    let root = format!("{}{}", course.root.display(), MAIN_SEPARATOR);
    Verdict {
        errors: shown
            .iter()
            .map(|error| without_the_library(&error.rendered.replace(&root, "")))
            .collect(),
        ..Verdict::new(exercise, Kind::DoesNotCompile, sentence)
    }
}

/// That the course, and not the language, refuses `unsafe`: the compiler speaks of a flag that the learner has not set.
fn about_unsafe(message: &str) -> &'static str {
    if message.starts_with("usage of an `unsafe`") {
        " This exercise forbids `unsafe`: safe code is enough for it."
    } else {
        ""
    }
}

/// That there are more errors than those that are shown.
fn left_out(all: usize, shown: usize) -> String {
    if all > shown && shown > 0 {
        format!(
            " The compiler found {all} errors, and the first {shown} are shown: they are often the cause of the others."
        )
    } else {
        String::new()
    }
}

/// The error up to the first remark that points into the standard library's own source, which a learner does not have open.
pub(crate) fn without_the_library(rendered: &str) -> String {
    let lines: Vec<&str> = rendered.lines().collect();
    let place = lines
        .iter()
        .position(|line| line.contains("> /rustc/") || line.contains("::: /rustc/"));
    // The line before the place is the remark's heading.
    let kept = place.map_or(lines.len(), |place| place.saturating_sub(1));
    lines[..kept].join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_ends_where_it_begins_to_quote_the_standard_library() {
        let rendered = "error[E0277]: no\n --> src/a.rs:1:1\n  = help: own\nhelp: others\n --> /rustc/1/core.rs:5:8\n  |\n";
        assert_eq!(
            without_the_library(rendered),
            "error[E0277]: no\n --> src/a.rs:1:1\n  = help: own"
        );
        assert_eq!(without_the_library("error: no\n"), "error: no");
    }

    #[test]
    fn errors_that_are_not_shown_are_counted() {
        assert_eq!(left_out(3, 3), "");
        assert!(left_out(7, 3).contains("found 7 errors, and the first 3"));
    }

    #[test]
    fn it_is_said_that_the_exercise_forbids_unsafe() {
        assert!(about_unsafe("usage of an `unsafe` block").contains("forbids `unsafe`"));
        assert_eq!(about_unsafe("use of moved value: `task`"), "");
    }
}
