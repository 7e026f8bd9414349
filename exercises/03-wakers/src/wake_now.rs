//! A prediction. Two tasks were added to a [`ReadyList`](wakers::ready_list::ReadyList), `a` first.
//! They do this:
//!
//! ```text
//! a   first poll:   stores its waker where b finds it, and returns Pending
//!     second poll:  completes
//! b   first poll:   calls a's waker, then writes its letter, and completes
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

/// The four lines in order. A question mark is a line that you have not filled in.
pub fn prediction() -> [&'static str; 4] {
    ["?", "?", "?", "?"]
}
