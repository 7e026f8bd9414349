//! A task waits for a value that no task loads.
//!
//! `Once` holds a value that is loaded from a server, once: the first task that asks for it loads it, and the others wait for that
//! task. If the loading task is cancelled, the next one in the list takes over. The version in
//! `exercises/12-debugging/checks/break_the_once/faulty.rs` has a fault. Read it, and write the schedule in which it fails.

// YOURS
use Step::{Drops, Polls};
use Task::{A, B, C};
// STUB: use Step::{Answers, Drops, Polls};
// STUB: use Task::{A, B, C};
// YOURS_END

/// The tasks that need the value.
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
    /// The task polls its `get`. If it has none, it calls `get` first. Impossible once it has the value.
    Polls(Task),
    /// The task is cancelled: it drops its `get`. Impossible if it has none.
    Drops(Task),
    /// The server answers the load that is in progress. Impossible if no task loads.
    Answers,
}

/// The schedule: these steps happen one after another, and nothing else does.
///
/// After each step the check looks at both versions. The rule: while a task waits, a task loads the value, or a waiting task has
/// been woken and not polled since. The faulty version must break it, and the right version must keep it to the last step.
pub fn schedule() -> Vec<Step> {
    // YOURS
    vec![Polls(A), Polls(B), Polls(C), Drops(A), Drops(B)]
    // STUB: vec![]
    // YOURS_END
}
