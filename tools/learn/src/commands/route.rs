//! `cargo learn route`: ways through the course for a learner who wants less than all of it.

use anyhow::Result;

use crate::learner::progress::{Progress, State};
use crate::screen::paint::{Ink, Paint, hanging, wrap};
use course::course::Course;
use course::routes::{self, Route};

/// Lists the routes, or follows the one that is called so: from then on, what comes next is the next exercise of it.
///
/// # Errors
///
/// If there is no such route, or progress cannot be read or written.
pub fn run(course: &Course, name: Option<&str>) -> Result<()> {
    let paint = Paint::for_stdout();
    match name {
        Some(name) => print!("{}", follow(course, name, paint)?),
        None => print!("{}", list(course, &Progress::read(course)?, paint)?),
    }
    Ok(())
}

fn follow(course: &Course, name: &str, paint: Paint) -> Result<String> {
    let route = routes::find(course, name)?;
    let progress = Progress::update(course, |progress| {
        progress.route = Some(route.name.clone());
    })?;
    let sentence = format!(
        "You follow the route \"{}\": {} exercises, {} with their pages; {}.",
        route.title,
        route.exercises.len(),
        hours(route.minutes),
        count(course, &route, &progress)
    );
    let next = match progress.next(course) {
        Some(next) if route.exercises.contains(&next.id) => format!(
            "next: {} {}, {}",
            next.number,
            next.name(),
            course.shown(&next.source)
        ),
        _ => "Every exercise of it is solved or skipped: `cargo learn route` lists the others."
            .to_owned(),
    };
    Ok(format!(
        "{}\n{}\n",
        wrap(&sentence, paint.width),
        wrap(&next, paint.width)
    ))
}

fn list(course: &Course, progress: &Progress, paint: Paint) -> Result<String> {
    let routes = routes::of(course)?;
    let Some(widest) = routes.iter().map(|route| route.name.len()).max() else {
        return Ok(" This course has no routes.\n".to_owned());
    };
    let mut out = String::new();
    for route in &routes {
        let here = if progress.route.as_ref() == Some(&route.name) {
            "▸"
        } else {
            " "
        };
        let first = format!("{here} {:<widest$}  ", route.name);
        let rest = " ".repeat(first.chars().count());
        let title = paint.ink(Ink::Strong, &route.title);
        let figures = format!(
            "{}: {} in {} exercises, {}",
            route.pace,
            hours(route.minutes),
            route.exercises.len(),
            count(course, route, progress)
        );
        out.push_str(&format!("{first}{title}\n"));
        for text in [&figures, &route.about] {
            out.push_str(&hanging(&rest, &rest, text, paint.width));
            out.push('\n');
        }
        out.push('\n');
    }
    let way = "`cargo learn route NAME` follows one: what comes next is then its next exercise.";
    Ok(out + &wrap(way, paint.width) + "\n")
}

/// `2 of 8 solved`.
#[must_use]
pub fn count(course: &Course, route: &Route, progress: &Progress) -> String {
    let solved = course.exercises().filter(|exercise| {
        route.exercises.contains(&exercise.id) && progress.state(exercise) == State::Solved
    });
    format!("{} of {} solved", solved.count(), route.exercises.len())
}

/// `45 min`, `3 h 20 min`.
fn hours(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_said_in_hours() {
        assert_eq!(hours(45), "45 min");
        assert_eq!(hours(120), "2 h");
        assert_eq!(hours(200), "3 h 20 min");
    }
}
