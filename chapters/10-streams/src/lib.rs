//! Chapter 10: sequences that wait for their items; frames, other programs and devices.
//!
//! It knows wakers, `Spawn` and `Timer`. The reactor appears where a pipe or a device does.
//!
//! | file | idea |
//! |---|---|

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as streams;
