//! What must hold for the course as it lies on disk.

use std::path::Path;

use course::course::Course;
use course::mistakes;

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
