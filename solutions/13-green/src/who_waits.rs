//! A prediction. A loop runs three tasks, spawned in the order a, b, c. `a` and `b` are green threads: plain
//! functions, each on a stack of its own. `pause` is a plain function as well, which calls `green::wait` on a
//! timer of the loop. `computes` is a loop of arithmetic that takes 3 s. `c` is an ordinary task.
//!
//! ```text
//! a                     b                      c
//!   writes "a begins"     writes "b begins"      writes "c begins"
//!   pause(1 s)            computes(3 s)          sleep(1 s).await
//!   writes "a ends"       writes "b ends"        writes "c ends"
//! ```
//!
//! All of them are woken at 0 s. Which lines are written, and when?

/// The lines in order, each with its time: `c ends at 7 s`. Case, quotes and punctuation do not count. A
/// question mark is a line that you have not decided on. There may be as many lines as you like.
pub fn prediction() -> &'static [&'static str] {
    // YOURS
    &[
        "a begins at 0 s",
        "b begins at 0 s",
        "b ends at 3 s",
        "c begins at 3 s",
        "a ends at 3 s",
        "c ends at 4 s",
    ]
    // STUB: &["a begins at 0 s", "?"]
    // YOURS_END
}
