//! Chapter 12: what a program waits for, and how a test finds the order in which it fails.
//!
//! It knows the loop's observer and its `Driver`. It does not know sockets.
//!
//! | file | idea |
//! |---|---|

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as debugging;
