//! How far the learner is: the whole course on a few lines.

use crate::commands;
use crate::learner::progress::{Progress, State};
use crate::screen::paint::{Ink, Paint, ends};
use course::course::{Chapter, Course};

/// The course's title with the count of what is solved, and a line for each chapter.
#[must_use]
pub fn draw(course: &Course, progress: &Progress, paint: Paint) -> String {
    let title = ends(
        "From Yield to Await",
        &count(course, progress),
        paint.width.min(72),
    );
    let mut lines = vec![paint.ink(Ink::Strong, &title)];
    lines.extend(route(course, progress));
    let current = progress
        .next(course)
        .map(|exercise| exercise.chapter.as_str());
    let widest = course
        .chapters
        .iter()
        .map(|chapter| chapter.folder.len())
        .max()
        .unwrap_or(0);
    for chapter in &course.chapters {
        let here = if current == Some(&chapter.folder) {
            "▸"
        } else {
            " "
        };
        lines.push(format!(
            " {here} {:<widest$}  {}",
            chapter.folder,
            signs(chapter, progress, paint)
        ));
    }
    lines.join("\n") + "\n"
}

/// `9 of 14 solved`.
#[must_use]
pub fn count(course: &Course, progress: &Progress) -> String {
    let all = course.exercises().count();
    let solved = course
        .exercises()
        .filter(|exercise| progress.state(exercise) == State::Solved)
        .count();
    format!("{solved} of {all} solved")
}

/// `Route: Build the loop, 3 of 20 solved`, if the learner follows one.
#[must_use]
pub fn route(course: &Course, progress: &Progress) -> Option<String> {
    let route = progress.followed(course)?;
    let count = commands::route::count(course, &route, progress);
    Some(format!("Route: {}, {count}", route.title))
}

fn signs(chapter: &Chapter, progress: &Progress, paint: Paint) -> String {
    let signs: Vec<String> = chapter
        .exercises
        .iter()
        .map(|exercise| sign(progress.state(exercise), paint))
        .collect();
    signs.join(" ")
}

/// The sign of a state.
#[must_use]
pub fn sign(state: State, paint: Paint) -> String {
    match state {
        State::NotStarted => "○".to_owned(),
        State::Unfinished => paint.ink(Ink::Attention, "◐"),
        State::Solved => paint.ink(Ink::Good, "●"),
        State::Skipped => paint.ink(Ink::Faint, "–"),
    }
}
