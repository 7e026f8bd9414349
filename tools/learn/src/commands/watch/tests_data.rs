//! A course and an exercise in it, for the tests of what is drawn and of what keys mean.

use std::path::PathBuf;

use ratatui_core::layout::Size;

use super::map::{Chapter, Map, Place};
use super::state::{Page, Readiness, State, Work};
use crate::learner::progress;
use course::course::{Exercise, Kind};

/// An untouched exercise, in a course of three chapters.
pub(super) fn state(size: Size) -> State {
    State {
        map: map(),
        exercise: exercise(),
        file: "exercises/03-wakers/src/oneshot.rs".to_owned(),
        untouched: true,
        verdict: None,
        word: String::new(),
        hint: Some("hint (1 of 3)".to_owned()),
        work: Work::Nothing,
        readiness: Readiness::Ready,
        page: Page::Verdict,
        scroll: 0,
        sideways: 0,
        note: None,
        book: None,
        question: None,
        size,
        colour: true,
    }
}

/// Has the exercise be this far.
pub(super) fn begun(state: &mut State, so_far: progress::State) {
    let id = state.exercise.id.clone();
    let places = state
        .map
        .chapters
        .iter_mut()
        .flat_map(|chapter| &mut chapter.places);
    for place in places.filter(|place| place.id == id) {
        place.state = so_far;
    }
}

fn exercise() -> Exercise {
    Exercise {
        id: "wakers/oneshot".to_owned(),
        number: "3.2".to_owned(),
        slug: "oneshot".to_owned(),
        shown: "oneshot".to_owned(),
        title: "A channel for one value".to_owned(),
        kind: Kind::Build,
        minutes: 40,
        page: "03-wakers/oneshot.md".to_owned(),
        optional: false,
        model: true,
        after: None,
        chapter: "03-wakers".to_owned(),
        source: PathBuf::new(),
        check: PathBuf::new(),
        about: PathBuf::new(),
        answer: PathBuf::new(),
        mistakes: PathBuf::new(),
        others: PathBuf::new(),
    }
}

fn map() -> Map {
    use progress::State::{NotStarted, Skipped, Solved};
    let chapter = |folder: &str, title: &str, places: &[(&str, &str, Kind, progress::State)]| {
        let number: u32 = folder[..2].parse().unwrap();
        let place = |(index, (name, title, kind, state)): (usize, &(&str, &str, Kind, _))| Place {
            id: format!("{}/{name}", &folder[3..]),
            number: format!("{number}.{}", index + 1),
            name: (*name).to_owned(),
            title: (*title).to_owned(),
            kind: *kind,
            minutes: 10 * (u32::try_from(index).unwrap() + 1),
            optional: index == 2,
            state: *state,
        };
        Chapter {
            folder: folder.to_owned(),
            title: title.to_owned(),
            places: places.iter().enumerate().map(place).collect(),
        }
    };
    Map {
        route: None,
        chapters: vec![
            chapter(
                "01-generators",
                "Generators",
                &[
                    ("countdown", "An iterator by hand", Kind::Build, Solved),
                    ("round-robin", "A trampoline", Kind::Build, Solved),
                    (
                        "scheduler-of-two",
                        "Find what starves",
                        Kind::Debug,
                        Skipped,
                    ),
                ],
            ),
            chapter(
                "03-wakers",
                "Wakers",
                &[
                    ("who-is-woken", "Who is woken?", Kind::Predict, Solved),
                    (
                        "oneshot",
                        "A channel for one value",
                        Kind::Build,
                        NotStarted,
                    ),
                    (
                        "a-name-that-is-longer-than-any",
                        "A lost wake-up",
                        Kind::Debug,
                        NotStarted,
                    ),
                ],
            ),
            chapter(
                "04-event-loop",
                "The event loop",
                &[("ready-queue", "A queue", Kind::Build, NotStarted)],
            ),
        ],
    }
}
