//! A barrier that is used again and again, and mixes up two rounds.
//!
//! A barrier for two: the first task that arrives waits for the second, and both go through. Then the next round begins, and either of
//! them, or a third, may arrive in it. The version in `exercises/08-synchronization/checks/break_the_barrier/faulty.rs` has a fault. Read it,
//! and write the schedule in which it fails.

// YOURS
use Step::Polls;
use Task::{A, B};
// STUB: use Step::{Drops, Polls};
// STUB: use Task::{A, B, C};
// YOURS_END

/// The tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
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
    /// The task polls its wait. If it has none, it calls `wait` first, and this poll is its arrival.
    Polls(Task),
    /// The task drops its wait, and so has not arrived. Impossible if it has none: before it arrives, and after it went through.
    Drops(Task),
}

/// The schedule: these steps happen one after another, and nothing else does.
///
/// The rule: a task goes through when two have arrived in its round, and not before. The faulty version must break it, and the right
/// version must keep it to the last step.
pub fn schedule() -> Vec<Step> {
    // YOURS
    vec![Polls(A), Polls(B), Polls(B), Polls(A)]
    // STUB: vec![]
    // YOURS_END
}
