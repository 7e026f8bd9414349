//! What debug mode reports.

use std::fmt;
use std::time::Duration;

use debugging::frames::{Frame, short};
use event_loop::leaf::Wait;
use event_loop::{Origin, TaskId};

/// A task, and where it was spawned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who {
    /// Its id.
    pub task: TaskId,
    /// Where it was spawned.
    pub origin: Origin,
}

/// A leaf future that a task is suspended in, and the awaits down to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The awaits, outermost first; the leaf itself is the last.
    pub path: Vec<Frame>,
    /// What it waits for, if it says so.
    pub waits_for: Option<Wait>,
}

/// Something that debug mode has found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// A task kept the loop's thread for too long in one step.
    SlowStep {
        /// The task.
        who: Who,
        /// How long the step took.
        took: Duration,
        /// The limit.
        limit: Duration,
        /// Where it is suspended after the step; `None` if it has completed.
        suspended: Option<Vec<Leaf>>,
    },
    /// A callback that another thread sent kept the loop's thread for too long.
    SlowCall {
        /// How long it took.
        took: Duration,
        /// The limit.
        limit: Duration,
    },
    /// The driver returned too late.
    SlowDriver {
        /// How long it was asked to sleep at most.
        asked: Duration,
        /// How long it took.
        took: Duration,
    },
    /// A future was dropped and was never polled: see [`must_await`](debugging::must_await()).
    NeverAwaited {
        /// Where it was made.
        made: Origin,
    },
    /// A value was dropped and was not closed: see [`must_close`](debugging::must_close()).
    NotClosed {
        /// Where it was made.
        made: Origin,
    },
    /// The loop was closed, and dropped a task that had not completed.
    LeftAtClose {
        /// The task.
        who: Who,
        /// Whether the loop certainly never polled it.
        never_polled: bool,
    },
    /// The loop is closed, the task is gone, and wakers of it are kept.
    WakerKept {
        /// The task.
        who: Who,
        /// How many.
        wakers: usize,
    },
}

impl fmt::Display for Who {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Who { task, origin } = self;
        match origin.name() {
            "" => write!(out, "{task} (spawned at {})", Place(origin)),
            name => write!(out, "{task} ({name}, spawned at {})", Place(origin)),
        }
    }
}

/// A line of the program, without the folders above `src`.
pub(crate) struct Place<'a>(pub(crate) &'a Origin);

impl fmt::Display for Place<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let location = self.0.location;
        write!(out, "{}:{}", short(location.file()), location.line())
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, frame) in self.path.iter().enumerate() {
            if place > 0 {
                out.write_str(" → ")?;
            }
            match self.path.get(place + 1) {
                Some(_) => frame.fmt(out)?,
                None => out.write_str(&frame.name)?,
            }
        }
        match &self.waits_for {
            Some(wait) => write!(out, ", which waits for {wait}"),
            None => Ok(()),
        }
    }
}

/// Lines are broken where a line of a terminal would be.
impl fmt::Display for Warning {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::SlowStep {
                who,
                took,
                limit,
                suspended,
            } => {
                writeln!(out, "slow: {who}")?;
                write!(
                    out,
                    "  ran for {took:?} in one step; the limit is {limit:?}"
                )?;
                let Some(leaves) = suspended else {
                    return out.write_str("\n  it has completed");
                };
                leaves
                    .iter()
                    .try_for_each(|leaf| write!(out, "\n  now it is suspended at {leaf}"))
            }
            Warning::SlowCall { took, limit } => write!(
                out,
                "slow: a callback that another thread sent\n  ran for {took:?}; the limit is {limit:?}"
            ),
            Warning::SlowDriver { asked, took } if asked.is_zero() => write!(
                out,
                "slow driver: asked to poll for events without waiting, it returned after {took:?}"
            ),
            Warning::SlowDriver { asked, took } => write!(
                out,
                "slow driver: asked to return within {asked:?}, it returned after {took:?}"
            ),
            Warning::NeverAwaited { made } => write!(
                out,
                "never awaited: {}, made at {}\n  it was dropped, and no task ever polled it",
                made.name(),
                Place(made)
            ),
            Warning::NotClosed { made } => write!(
                out,
                "not closed: {}, made at {}\n  it was dropped without a call of close",
                made.name(),
                Place(made)
            ),
            Warning::LeftAtClose { who, never_polled } => {
                write!(
                    out,
                    "left: {who}\n  had not completed when the loop was closed"
                )?;
                match never_polled {
                    true => out.write_str("; it was never polled"),
                    false => Ok(()),
                }
            }
            Warning::WakerKept { who, wakers } => {
                let (count, exist) = match wakers {
                    1 => ("a waker".to_owned(), "exists"),
                    wakers => (format!("{wakers} wakers"), "exist"),
                };
                write!(
                    out,
                    "kept: {who}\n  {count} of it {exist} after the loop was closed: in a cycle, or leaked"
                )
            }
        }
    }
}
