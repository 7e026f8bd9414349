//! A set of futures forgets a child that is ready.
//!
//! The set polls only those of its children that were woken, and gives each output as soon as it is there. The version in
//! `exercises/07-composition/checks/break_the_set/faulty.rs` has a fault. Read it, and write the schedule in which it fails.

// YOURS
use Child::{A, B};
use Step::{Opens, Polls, Wakes};
// STUB: use Child::{A, B, C};
// STUB: use Step::{Opens, Polls, Wakes};
// YOURS_END

/// The children of the set: each is ready once it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Child {
    /// The first.
    A,
    /// The second.
    B,
    /// The third.
    C,
}

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The task polls the set once. Impossible when the set has given all three outputs.
    Polls,
    /// The waker of the child's latest poll is called without a reason. Before its first poll this does nothing.
    Wakes(Child),
    /// The child is opened: it will be ready when it is polled, and its waker is called. Impossible a second time.
    Opens(Child),
}

/// The schedule: these steps happen one after another, and nothing else does.
///
/// The rule: a poll of the set is not pending while a child is open whose output was not given. The faulty version must break it, and the
/// right version must keep it to the last step.
pub fn schedule() -> Vec<Step> {
    // YOURS
    vec![Polls, Opens(A), Wakes(B), Polls]
    // STUB: vec![]
    // YOURS_END
}
