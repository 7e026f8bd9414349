//! A latch opens, and a task sleeps on.
//!
//! Tasks wait for a latch until it is open. The version in `exercises/03-wakers/checks/break_the_latch/faulty.rs` has a fault. Read it,
//! and write the schedule in which it fails.

// YOURS
use Step::{Drops, Opens, Polls};
use Task::{A, B};
// STUB: use Step::{Drops, Opens, Polls};
// STUB: use Task::{A, B, C};
// YOURS_END

/// The tasks that wait.
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
    /// The task polls its wait, with another waker at each poll. If it has none, it calls `wait` first.
    Polls(Task),
    /// The task drops its wait. Impossible if it has none: before its first poll, and after it was ready.
    Drops(Task),
    /// The latch is opened. Impossible a second time.
    Opens,
}

/// The schedule: these steps happen one after another, and nothing else does.
///
/// The rule: in the end the latch has woken every task that waits, by the waker of its latest poll. The faulty version must break it, and
/// the right version must keep it.
pub fn schedule() -> Vec<Step> {
    // YOURS
    vec![Polls(A), Polls(B), Drops(A), Polls(B), Opens]
    // STUB: vec![]
    // YOURS_END
}
