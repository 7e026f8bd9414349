//! Chapter 07: how several waits become one; sets, select, time-outs and groups of tasks.
//!
//! It knows wakers and, of a loop, `Spawn` and `Timer`. It does not know the loop's queue, the
//! reactor or sockets.
//!
//! | file | idea |
//! |---|---|
//! | [`sync`] | the locks and atomics of this chapter, which a check may replace by a model's |
//! | [`ready_set`] | a set of futures, each of which is polled when its own waker was called |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as composition;

pub mod ready_set;
pub mod sync;

pub use ready_set::ReadySet;
