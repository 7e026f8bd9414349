//! The name of a task.

use std::fmt;

/// Which task: where its future is kept, and the number that it alone ever has.
///
/// A place is used again when its task is over. A wake that comes late still carries the old number,
/// and so is not taken for one of the new task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    pub(crate) number: u64,
    pub(crate) place: usize,
}

impl TaskId {
    /// The number, counted from 1 in the order in which the loop's tasks were made.
    #[must_use]
    pub fn number(self) -> u64 {
        self.number
    }

    /// A name for a task that no loop has made: for tests of the parts.
    #[must_use]
    pub fn new(number: u64, place: usize) -> TaskId {
        TaskId { number, place }
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "task {}", self.number)
    }
}
