//! A prediction. A report is a job for a pool of threads. It works for 1 second, submits two *parts* to a
//! pool, and is blocked until both parts have returned. Each part works for 1 second. A thread takes the
//! oldest job of its pool, and is blocked until that job returns.
//!
//! ```text
//! report     |█ 1 s █|  blocked until its two parts have returned  |
//! part               |█ 1 s █|
//! ```
//!
//! Four programs submit their reports at second 0:
//!
//! ```text
//!      pool for reports      reports     pool for parts
//! 1    two threads           one         the same
//! 2    two threads           two         the same
//! 3    three threads         two         the same
//! 4    two threads           two         another one, with one thread
//! ```
//!
//! At which second does the last report of each program return?

/// A second for each program, as `"7"`, or `"never"`. A question mark is a program that you have not
/// decided on.
pub fn prediction() -> [&'static str; 4] {
    ["?", "?", "?", "?"]
}
