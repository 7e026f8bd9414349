//! Believes that what is left over is told of again.
//!
//! A prediction. A task waits for a socket that does not block. Each time the kernel wakes it, it
//! reads once, into a buffer of 40 bytes, and waits again; it never looks at how much it got.
//! Nothing else wakes it.
//!
//! ```text
//! 1  level-triggered: 100 bytes arrive at once                       how many wake-ups?
//! 2  edge-triggered:  100 bytes arrive at once                       how many wake-ups?
//! 3  edge-triggered:  after that, 10 bytes more arrive               how many more?
//! 4  edge-triggered, but each time it reads until it would block:
//!                     100 bytes arrive at once                       how many wake-ups?
//! ```
//!
//! In the last two nothing arrives, and the task has nothing to say. But it has asked to be told
//! also when there is room to write, and there is. It waits ten times, and each time it is woken
//! for that, it does nothing and waits again.
//!
//! ```text
//! 5  level-triggered                                    how many of ten waits end at once?
//! 6  edge-triggered                                     how many of ten waits end at once?
//! ```
//!
//! Write the six numbers before you run anything.

/// How often the task is woken in each of the six. A question mark is a number that you have not
/// decided on.
pub fn prediction() -> [&'static str; 6] {
    // ANCHOR: mistake
    ["3", "3", "1", "1", "10", "1"]
    // ANCHOR_END: mistake
}
