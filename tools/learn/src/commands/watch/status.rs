//! Where the learner is and what is next, for a terminal without keys.

use crate::learner::progress::Progress;
use crate::screen::paint::{Paint, wrap};
use crate::screen::{self, overview};
use course::course::{Course, Exercise};

/// The overview, and the next step.
pub(super) fn text(
    course: &Course,
    progress: &Progress,
    exercise: Option<&Exercise>,
    paint: Paint,
) -> String {
    let overview = overview::draw(course, progress, paint);
    let Some(exercise) = exercise else {
        let sentence = "Everything is solved or skipped. `cargo learn list` shows it all.";
        return format!("{overview}\n{}\n", wrap(sentence, paint.width));
    };
    let name = exercise.name();
    let next = format!("next: {} {name}, {}", exercise.number, exercise.title);
    let file = screen::verdict::file(&course.shown(&exercise.source));
    let read = format!(
        "read first: book/pages/{} (cargo learn book)",
        exercise.page
    );
    let then = format!("then: cargo learn check {name}");
    let [next, read, then] = [next, read, then].map(|text| wrap(&text, paint.width));
    format!("{overview}\n{next}\n{file}\n{read}\n{then}\n")
}
