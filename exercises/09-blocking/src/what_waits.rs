//! A prediction. A program has two pools of threads, `jobs` with two threads and `names` with one. Each
//! thread takes the oldest job of its pool, and is blocked until the job returns. At second 0 the program
//! submits five jobs, in this order:
//!
//! ```text
//! A          to jobs     blocks its thread for 10 seconds
//! B          to jobs     for 4 seconds
//! look-up    to jobs     for 1 second
//! C          to jobs     for 2 seconds
//! other      to names    for 1 second: another look-up
//! ```
//!
//! At second 2 the program drops its handles of A and of C. Dropping a handle asks the pool to forget its
//! job, and a pool can forget only what no thread has started. At second 3 a timer of the loop fires; call
//! that line `tick`. Which jobs return, and when does the timer fire between them?

/// The lines in order: the name of each job that returns, and `tick`. A question mark is a line that you
/// have not decided on.
pub fn prediction() -> [&'static str; 5] {
    ["?", "?", "?", "?", "?"]
}
