//! Where the learner is and what is next, for where nobody can press a key.

use crate::course::{Course, Exercise};
use crate::learner::progress::Progress;
use crate::screen::overview;
use crate::screen::paint::Paint;

/// The overview, and the next step.
pub(super) fn text(
    course: &Course,
    progress: &Progress,
    exercise: Option<&Exercise>,
    paint: Paint,
) -> String {
    let overview = overview::draw(course, progress, paint);
    let Some(exercise) = exercise else {
        return format!(
            "{overview}\n Everything is solved or skipped. `cargo learn list` shows it all.\n"
        );
    };
    let name = exercise.name();
    format!(
        "{overview}\n next: {} {name}, {}: {}\n read first: book/pages/{} (cargo learn book)\n then: cargo learn check {name}\n",
        exercise.number,
        exercise.title,
        course.shown(&exercise.source),
        exercise.page
    )
}
