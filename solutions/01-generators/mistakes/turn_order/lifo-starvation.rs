//! Takes the newest task first, as a stack does.
//!
//! A prediction. Three tasks are spawned on a [`RoundRobin`](generators::round_robin::RoundRobin),
//! in this order:
//!
//! ```text
//! a   yields twice, then completes
//! b   yields once, then completes
//! c   completes when it is first resumed
//! ```
//!
//! Then `turn` is called until no task is left. Write one line for each turn before you run
//! anything: `a yields`, `c completes`, and so on.

/// The six turns, one line each. A question mark is a line that you have not decided on.
pub fn prediction() -> [&'static str; 6] {
    [
        // ANCHOR: mistake
        "c completes",
        "b yields",
        "b completes",
        "a yields",
        "a yields",
        "a completes",
        // ANCHOR_END: mistake
    ]
}
