//! The exercise that a command means, with or without an id.

use anyhow::{Result, bail};

use crate::learner::progress::Progress;
use course::course::{Course, Exercise};

pub use ::course::id::{closest, find};

/// The exercise with this id, or without one the first that is neither solved nor skipped.
///
/// # Errors
///
/// As [`find`], or if nothing is left to do, or progress cannot be read.
pub fn find_or_next<'a>(course: &'a Course, id: Option<&str>) -> Result<&'a Exercise> {
    match id {
        Some(id) => find(course, id),
        None => match Progress::read(course)?.next(course) {
            Some(next) => Ok(next),
            None => bail!("Every exercise is solved or skipped: say which one you mean."),
        },
    }
}
