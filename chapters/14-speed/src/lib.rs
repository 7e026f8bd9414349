//! Chapter 14: a faster loop with the interface of the loop of chapter 04.
//!
//! It knows wakers and drivers. It does not know what the tasks do.
//!
//! | file | idea |
//! |---|---|
//! | `wheel`, `timers` | timers that are set and removed in constant time, however many there are |
//! | `lists` | linked lists of indices in one arena |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as speed;

pub mod lists;
pub mod timers;
pub mod wheel;
