//! A prediction. Two tasks stand in a [`ReadyList`](wakers::ready_list::ReadyList), `a` first. This
//! is what they do:
//!
//! ```text
//! a   when it is polled first:  keeps its waker where b finds it, and says Pending
//!     when it is polled again:  completes
//! b   when it is polled first:  calls a's waker, then writes its letter, and completes
//! ```
//!
//! Then `run` is called. Put these four lines in the order in which they happen, before you run
//! anything:
//!
//! ```text
//! a completes
//! a waits
//! b wakes a
//! b writes its letter
//! ```

/// The four lines in order. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 4] {
    // YOURS
    ["a waits", "b wakes a", "b writes its letter", "a completes"]
    // STUB: ["?", "?", "?", "?"]
    // YOURS_END
}
