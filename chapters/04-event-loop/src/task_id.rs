//! The id of a task.

use std::fmt;

/// Names one task: the slot of its future, and a number that no other task of the loop has.
///
/// A slot is used again when its task has completed. A late wake carries the old number, so it does
/// not wake the new task.
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

    /// Where its loop keeps its future.
    #[must_use]
    pub fn place(self) -> usize {
        self.place
    }

    /// The id of a task of a loop that is written elsewhere, for tests of the parts.
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
