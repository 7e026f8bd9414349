//! Routes: ways through the course for a learner who wants less than all of it, as `exercises/routes.toml` lists them.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};

use crate::chapter_file::{RouteEntry, RoutesFile};
use crate::course::{Course, Exercise};
use crate::files;
use crate::id::closest;

/// Where the routes are written, below the course's folder.
const FILE: &str = "exercises/routes.toml";

/// Stands for every exercise.
const ALL: &str = "*";

/// A way through the course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// What a learner writes: `loop`.
    pub name: String,
    /// What it is called: *Build the loop*.
    pub title: String,
    /// How long that is for most people: `a weekend`.
    pub pace: String,
    /// What it leads to, in one sentence.
    pub about: String,
    /// The ids of its exercises, in order.
    pub exercises: Vec<String>,
    /// How long its pages and exercises take together.
    pub minutes: u32,
}

/// The routes of a course; none if it has no file of them.
///
/// # Errors
///
/// One sentence if the file is damaged, or names an exercise or chapter that does not exist.
pub fn of(course: &Course) -> Result<Vec<Route>> {
    let Some(text) = files::read_if_there(&course.root.join(FILE))? else {
        return Ok(Vec::new());
    };
    let written = RoutesFile::parse(&text).with_context(|| format!("{FILE} is damaged"))?;
    let routes = written.route.into_iter();
    routes.map(|entry| resolved(course, entry)).collect()
}

/// The route that is called so.
///
/// # Errors
///
/// One sentence if there is none, with the closest.
pub fn find(course: &Course, name: &str) -> Result<Route> {
    let routes = of(course)?;
    let name = name.trim().to_lowercase();
    if let Some(route) = routes.iter().find(|route| route.name == name) {
        return Ok(route.clone());
    }
    match closest(&name, routes.iter().map(|route| &*route.name)) {
        Some(guess) => bail!("There is no route `{name}`. Did you mean `{guess}`?"),
        None => bail!("There is no route `{name}`. `cargo learn route` lists them."),
    }
}

fn resolved(course: &Course, entry: RouteEntry) -> Result<Route> {
    let mut exercises: Vec<&Exercise> = Vec::new();
    for step in &entry.exercises {
        let meant = steps(course, step);
        if meant.is_empty() {
            bail!(
                "{FILE}: the route `{}` names `{step}`, which is no exercise and no chapter.",
                entry.name
            );
        }
        exercises.extend(meant);
    }
    Ok(Route {
        minutes: minutes(course, &exercises),
        exercises: exercises
            .iter()
            .map(|exercise| exercise.id.clone())
            .collect(),
        name: entry.name,
        title: entry.title,
        pace: entry.pace,
        about: entry.about,
    })
}

/// The exercises that an entry stands for.
fn steps<'a>(course: &'a Course, step: &str) -> Vec<&'a Exercise> {
    course
        .as_asked()
        .filter(|exercise| {
            step == ALL || exercise.id == step || (exercise.chapter == step && !exercise.optional)
        })
        .collect()
}

/// The exercises' minutes, and the reading of the pages that belong to them.
fn minutes(course: &Course, exercises: &[&Exercise]) -> u32 {
    let pages: BTreeSet<&str> = exercises.iter().map(|exercise| &*exercise.page).collect();
    let reading: u32 = course
        .chapters
        .iter()
        .flat_map(|chapter| &chapter.sections)
        .filter(|section| pages.contains(&*section.page))
        .map(|section| section.reading)
        .sum();
    reading
        + exercises
            .iter()
            .map(|exercise| exercise.minutes)
            .sum::<u32>()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn course() -> Course {
        Course::around(Path::new(env!("CARGO_MANIFEST_DIR"))).expect("this is a part of the course")
    }

    #[test]
    fn every_route_of_the_course_names_exercises_that_exist_in_the_order_of_the_pages() {
        let course = course();
        let routes = of(&course).unwrap();
        assert!(routes.len() >= 5);
        for route in routes {
            let order: Vec<usize> = route
                .exercises
                .iter()
                .map(|id| course.as_asked().position(|it| it.id == *id).unwrap())
                .collect();
            assert!(order.is_sorted(), "{}: {:?}", route.name, route.exercises);
            assert!(route.minutes > 0);
        }
    }

    #[test]
    fn the_minutes_are_those_of_the_exercises_and_of_their_pages() {
        let course = course();
        let countdown = course.exercises().next().unwrap();
        let sections = course.chapters[0].sections.iter();
        let page: u32 = sections
            .filter(|section| section.page == countdown.page)
            .map(|section| section.reading)
            .sum();
        assert!(page > 0);
        assert_eq!(minutes(&course, &[countdown]), countdown.minutes + page);
    }

    #[test]
    fn a_misspelled_route_is_answered_with_the_closest() {
        let error = find(&course(), "serve").unwrap_err().to_string();
        assert!(error.contains("`server`"), "{error}");
        assert_eq!(find(&course(), "Loop").unwrap().name, "loop");
    }
}
