//! What must hold for the course as it lies on disk.

use std::path::Path;

use course::course::Course;
use course::files;
use course::mistakes;
use course::modules::{self, Side};

fn this_course() -> Course {
    Course::around(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn every_known_mistake_fits_its_answer() {
    let course = this_course();
    let mut unfit = Vec::new();
    for exercise in course.exercises() {
        for mistake in mistakes::of(exercise) {
            if let Err(error) = mistake.program(exercise) {
                unfit.push(format!("{}: {error:#}", course.shown(&mistake.file)));
            }
        }
    }
    assert!(unfit.is_empty(), "{}", unfit.join("\n"));
}

#[test]
fn the_lists_of_modules_follow_the_chapters() {
    let course = this_course();
    for chapter in &course.chapters {
        for side in Side::BOTH {
            let path = side.library(&course, chapter);
            let text = files::normalise(&files::read_text(&path).unwrap());
            let right = modules::derive(&course, chapter, side, &text);
            assert_eq!(right.as_deref(), Some(text.as_str()), "{}", path.display());
        }
    }
}
