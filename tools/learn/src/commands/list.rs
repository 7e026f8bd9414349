//! `cargo learn list`: every exercise with its state.

use anyhow::Result;

use crate::documents::output;
use crate::learner::progress::{Progress, State};
use crate::screen::overview;
use crate::screen::paint::{Ink, Paint, hanging_entry, wrap};
use course::course::Course;

/// Prints the list.
///
/// # Errors
///
/// If progress cannot be read.
pub fn run(course: &Course, json: bool) -> Result<()> {
    let progress = Progress::read(course)?;
    if json {
        println!("{}", output::list(course, &progress));
    } else {
        print!("{}", text(course, &progress, Paint::for_stdout()));
    }
    Ok(())
}

/// The list, for people.
#[must_use]
pub fn text(course: &Course, progress: &Progress, paint: Paint) -> String {
    let widest = course
        .exercises()
        .map(|exercise| exercise.name().len())
        .max()
        .unwrap_or(0);
    let next = progress.next(course).map(|exercise| &exercise.id);
    let mut out = format!("{}\n", overview::count(course, progress));
    if let Some(route) = overview::route(course, progress) {
        out.push_str(wrap(&route, paint.width).trim_start());
        out.push('\n');
    }
    for chapter in &course.chapters {
        let title = format!("{} {}", chapter.number, chapter.title);
        out.push_str(&format!("\n{}\n", paint.ink(Ink::Strong, &title)));
        for exercise in &chapter.exercises {
            let state = progress.state(exercise);
            let here = if next == Some(&exercise.id) {
                "▸"
            } else {
                " "
            };
            let optional = if exercise.optional { ", optional" } else { "" };
            let skipped = if state == State::Skipped {
                ", skipped"
            } else {
                ""
            };
            let first = format!(
                "{here} {} {:<5} {:<widest$}  ",
                // One column, as its colours take none.
                "○",
                exercise.number,
                exercise.name(),
            );
            let text = format!(
                "{}, {} min{optional}{skipped}",
                exercise.title, exercise.minutes
            );
            let line = hanging_entry(&first, &text, paint);
            let sign = overview::sign(state, paint);
            out.push_str(&line.replacen('○', &sign, 1));
            out.push('\n');
        }
    }
    out
}
