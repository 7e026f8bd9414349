//! The course, as far as the screen shows it: chapters, exercises, and how far each is.

use crate::learner::progress::{Progress, State};
use course::course::{Course, Exercise, Kind};

/// All chapters, with what is known about each exercise at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Map {
    pub(super) chapters: Vec<Chapter>,
    /// The route that the learner follows.
    pub(super) route: Option<Way>,
}

/// A route, as far as the screen shows it.
#[derive(Debug, Clone)]
pub(super) struct Way {
    pub(super) title: String,
    /// The ids of its exercises, in order.
    pub(super) exercises: Vec<String>,
}

/// One chapter.
#[derive(Debug, Clone)]
pub(super) struct Chapter {
    /// `03-wakers`.
    pub(super) folder: String,
    pub(super) title: String,
    pub(super) places: Vec<Place>,
}

/// One exercise.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) kind: Kind,
    pub(super) minutes: u32,
    pub(super) optional: bool,
    pub(super) state: State,
}

impl Map {
    /// Reads it: this looks at every exercise's file.
    pub(super) fn of(course: &Course, progress: &Progress) -> Map {
        let chapters = course.chapters.iter().map(|chapter| Chapter {
            folder: chapter.folder.clone(),
            title: chapter.title.clone(),
            places: chapter
                .exercises
                .iter()
                .map(|exercise| Place::of(exercise, progress))
                .collect(),
        });
        Map {
            chapters: chapters.collect(),
            route: progress.followed(course).map(|route| Way {
                title: route.title,
                exercises: route.exercises,
            }),
        }
    }

    /// Every exercise, in order.
    pub(super) fn places(&self) -> impl DoubleEndedIterator<Item = &Place> {
        self.chapters.iter().flat_map(|chapter| &chapter.places)
    }

    /// The exercise with this id.
    pub(super) fn place(&self, id: &str) -> Option<&Place> {
        self.places().find(|place| place.id == id)
    }

    /// `9 of 38 solved`.
    pub(super) fn count(&self) -> String {
        format!("{} solved", solved_of(self.places()))
    }

    /// What there is to do after an exercise: the next that is not done, and after the last one the first that was left. On a
    /// route, the route's exercises come first.
    pub(super) fn to_do_after(&self, id: &str) -> Option<&Place> {
        if let Some(next) = self
            .route
            .as_ref()
            .and_then(|route| self.open_on(route, id))
        {
            return Some(next);
        }
        let after = self.places().skip_while(|place| place.id != id).skip(1);
        let from_the_beginning = self.places().take_while(|place| place.id != id);
        after
            .chain(from_the_beginning)
            .find(|place| !place.is_done())
    }

    fn open_on(&self, route: &Way, id: &str) -> Option<&Place> {
        let at = route.exercises.iter().position(|other| other == id);
        let (before, after) = route.exercises.split_at(at.map_or(0, |at| at + 1));
        let in_order = after.iter().chain(before).filter(|other| *other != id);
        in_order
            .filter_map(|id| self.place(id))
            .find(|place| !place.is_done())
    }

    /// `Route: Build the loop, 3 of 20`, if the learner follows one.
    pub(super) fn route(&self) -> Option<String> {
        let route = self.route.as_ref()?;
        let places = route.exercises.iter().filter_map(|id| self.place(id));
        Some(format!("Route: {}, {}", route.title, solved_of(places)))
    }

    /// The exercise that stands after this one in the course.
    pub(super) fn after(&self, id: &str) -> Option<&Place> {
        self.places().skip_while(|place| place.id != id).nth(1)
    }

    /// The exercise that stands before this one in the course.
    pub(super) fn before(&self, id: &str) -> Option<&Place> {
        self.places().take_while(|place| place.id != id).last()
    }
}

impl Chapter {
    /// `3 of 9`.
    pub(super) fn count(&self) -> String {
        solved_of(self.places.iter())
    }
}

impl Place {
    fn of(exercise: &Exercise, progress: &Progress) -> Place {
        Place {
            id: exercise.id.clone(),
            number: exercise.number.clone(),
            name: exercise.name().to_owned(),
            title: exercise.title.clone(),
            kind: exercise.kind,
            minutes: exercise.minutes,
            optional: exercise.optional,
            state: progress.state(exercise),
        }
    }

    /// Whether nothing is left to do here: it is solved, or skipped.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Solved | State::Skipped)
    }
}

fn solved_of<'a>(places: impl Iterator<Item = &'a Place>) -> String {
    let (mut solved, mut all) = (0, 0);
    for place in places {
        all += 1;
        solved += usize::from(place.state == State::Solved);
    }
    format!("{solved} of {all}")
}
