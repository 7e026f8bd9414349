//! What to do after a verdict.

use crate::judging::verdict::{Kind, Verdict};
use crate::learner::progress::Progress;
use crate::screen::markdown;
use crate::screen::paint::{Paint, wrap};
use course::about::About;
use course::course::{Course, Exercise};
use course::names::name_of;

/// What follows a verdict: the word after success and what comes next, or where to find help.
#[must_use]
pub fn after(course: &Course, exercise: &Exercise, verdict: &Verdict, paint: Paint) -> String {
    let name = exercise.name();
    match verdict.kind {
        Kind::Passed => solved(course, exercise, paint),
        Kind::NotStarted => {
            // A title and a sentence stand together; below a run there is room.
            let gap = if verdict.test.is_some() { "\n" } else { "" };
            let page = &exercise.page;
            let read = format!("Read first: book/pages/{page} (cargo learn book)");
            format!("{gap}{}\n", wrap(&read, paint.width))
        }
        Kind::Unfinished | Kind::DoesNotCompile => format!("\n cargo learn hint {name}\n"),
        Kind::Failed | Kind::TimedOut => match &verdict.mistake {
            Some(code) => {
                let mistake = name_of(code);
                let commands = format!("cargo learn explain {mistake} · cargo learn hint {name}");
                format!("\n{}\n", wrap(&commands, paint.width))
            }
            None => format!("\n cargo learn hint {name}\n"),
        },
    }
}

/// What is said after success, and what comes next.
#[must_use]
pub fn solved(course: &Course, exercise: &Exercise, paint: Paint) -> String {
    let mut out = word(exercise, paint);
    let next = Progress::read(course)
        .ok()
        .and_then(|progress| progress.next_after(course, exercise).cloned());
    out.push_str(&match next {
        Some(next) => {
            let file = course.shown(&next.source);
            let next = format!("next: {} {}, {file}", next.number, next.name());
            wrap(&next, paint.width) + "\n"
        }
        None => " That was the last one: everything is solved.\n".to_owned(),
    });
    out
}

/// The exercise's own word after success.
#[must_use]
pub fn word(exercise: &Exercise, paint: Paint) -> String {
    match About::read(exercise) {
        Ok(about) if !about.solved.is_empty() => markdown::draw(&about.solved, paint),
        _ => String::new(),
    }
}
