//! Half a frame is lost.
//!
//! A reader gives frames: a byte that is the length of the rest, and the rest. Its author has heard of cancel safety, and keeps the length in
//! the reader. The version in `exercises/06-cancellation/checks/break_the_reader/faulty.rs` still has a fault. Read it, and write the
//! schedule in which it fails.

// YOURS
use Step::{Drops, Polls, Sends};
// STUB: use Step::{Drops, Polls, Sends};
// YOURS_END

/// What can happen. The peer sends the same frame again and again, a byte at a step: 2, `h`, `i`, 2, `h`, `i`, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The peer sends the next byte.
    Sends,
    /// The task polls its read. If it has none, it calls `read` first.
    Polls,
    /// The task drops its read, as a time-out would. Impossible if it has none: before its first poll, and after it was ready.
    Drops,
}

/// The schedule: these steps happen one after another, and nothing else does.
///
/// The rule: a read that is polled after a whole frame was sent returns that frame. The faulty version must break it, and the right
/// version must keep it to the last step.
pub fn schedule() -> Vec<Step> {
    // YOURS
    vec![Sends, Sends, Polls, Drops, Sends, Polls]
    // STUB: vec![]
    // YOURS_END
}
