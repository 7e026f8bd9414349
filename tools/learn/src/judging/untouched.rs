//! The verdict about a file that the learner has not touched yet.

use crate::judging::verdict::{Kind, Verdict};
use course::course::{Course, Exercise};

/// The verdict about a stub: what is to be done, and no word of a failure.
#[must_use]
pub fn not_started(course: &Course, exercise: &Exercise) -> Verdict {
    let sentence = format!(
        "Not started yet. This is expected: open {}, {}, and save.",
        course.shown(&exercise.source),
        exercise.kind.first_step(),
    );
    Verdict::new(exercise, Kind::NotStarted, sentence)
}

/// The verdict about an untouched debugging exercise whose program was judged like any other: it still counts as not started. The test
/// and the run stay, as the trace to start from. The mistake and its sentence go: to find them is the exercise.
#[must_use]
pub fn debugging(course: &Course, exercise: &Exercise, judged: Verdict) -> Verdict {
    let plain = not_started(course, exercise);
    let in_time = match judged.kind {
        Kind::Failed => "",
        Kind::TimedOut => " It does not come to an end.",
        _ => return plain,
    };
    Verdict {
        sentence: format!(
            "Not started yet. This is expected: the program in {} is plausible, and wrong.{in_time} Find out why, repair \
             it, and save.",
            course.shown(&exercise.source)
        ),
        test: judged.test,
        passed: judged.passed,
        tests: judged.tests,
        seen: judged.seen,
        ..plain
    }
}
