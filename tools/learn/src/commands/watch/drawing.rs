//! Running an exercise for the picture of its run.

use anyhow::{Result, anyhow};

use crate::commands::trace;
use crate::judging::check::{self, Options, Prepared, Source};
use crate::judging::traces::{self, Extent, Traced};
use crate::judging::untouched;
use crate::judging::verdict::Verdict;
use course::course::{Course, Exercise};

/// The test whose run is to be drawn: the first that fails, or else the one with the most wakes.
///
/// # Errors
///
/// One sentence if there is nothing to run, or if the course is at fault.
pub(super) fn traced(course: &Course, exercise: &Exercise, options: &Options) -> Result<Traced> {
    let (program, _room, untouched) = match check::prepare(course, exercise, &Source::Own, options)?
    {
        Prepared::Said(verdict) => {
            return Err(anyhow!("There is no run to draw. {}", verdict.sentence));
        }
        Prepared::Program {
            path,
            room,
            untouched,
        } => (path, room, untouched),
    };
    let traced = traces::run(
        course,
        exercise,
        (&exercise.source, &program),
        Extent::ToTheFirstBroken,
        options.deadline,
        &options.stop,
    )?;
    let mut chosen = trace::choose(&traced, None)?.clone();
    if let (true, Some(finding)) = (untouched, &mut chosen.finding) {
        // To find the mistake of a debugging exercise is the exercise.
        finding.mistake = None;
        let judged = Verdict::new(exercise, finding.kind, String::new());
        finding.sentence = untouched::debugging(course, exercise, judged).sentence;
    }
    Ok(chosen)
}
