//! A loop that sleeps, and an entry in its queue.
//!
//! Two threads, and a queue between them. The loop looks whether the queue is empty, marks itself asleep, and parks. The other thread
//! pushes an entry, asks whether the loop is asleep, and unparks it if so. The version in
//! `exercises/04-event-loop/checks/break_the_sleep/faulty.rs` has a fault. Read it, and write the schedule in which it fails.

use Step::{Loop, Sender};

/// Which thread makes its next step. What that step is depends on where the thread is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The loop's thread. Impossible while it sleeps and was not unparked.
    Loop,
    /// The thread that pushes: it pushes an entry in one step, and asks in the next.
    Sender,
}

/// The schedule: these steps happen one after another, and nothing else does.
///
/// The rule: while the loop sleeps and was not unparked, the queue holds no entry whose sender has asked whether the loop is asleep. The
/// faulty version must break it, and the right version must keep it to the last step.
pub fn schedule() -> Vec<Step> {
    vec![]
}
