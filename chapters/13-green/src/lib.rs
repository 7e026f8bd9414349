//! Chapter 13: functions that can be suspended anywhere; stacks, a context switch, and a hub on the loop.
//!
//! It knows wakers and `Spawn`. The reactor appears where a socket does.
//!
//! | file | idea |
//! |---|---|
//! | `fiber` | a stack with code on it that can stop |
//! | [`coroutine`] | a generator whose body is a plain function |
//! | [`trampoline`] | coroutines that take turns, and ask it for things |
//! | [`stack_use`] | how much of a stack has memory |
//! | [`hub`] | green threads on the loop, which wait for futures |
//! | [`pool`] | a limit on the green threads that run at the same time |
//! | [`blocking_io`] | a stream of the loop as one of the standard library |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as green;

pub mod blocking_io;
pub mod coroutine;
mod fiber;
pub mod hub;
pub mod pool;
pub mod stack_use;
pub mod trampoline;

pub use blocking_io::Blocking;
pub use coroutine::{Coroutine, Yielder};
pub use hub::{Green, is_green, number, wait};
pub use pool::Pool;
