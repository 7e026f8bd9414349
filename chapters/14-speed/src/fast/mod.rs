//! The faster loop: chapter 04's interface, and parts of its own behind it.
//!
//! | file | idea |
//! |---|---|
//! | [`machine`] | [`EventLoop`]: as in chapter 04, and with [`Steps`](crate::Steps) |
//! | `task_block` | what the wakers of one task share: who counts, and who queues |
//! | `raw_waker` | the four functions of a `Waker` that points to such a block |
//! | `shared` | the part of the loop that any thread may reach: two queues |
//! | `tasks` | where the futures are, and the memory of wakers for the next task |
//! | `core`, `hub` | polls, timers, the end of a task; and what handles ask for |
//! | `iteration`, `main_future` | one iteration after the other; the future of `block_on` |

mod core;
mod hub;
mod iteration;
pub mod machine;
mod main_future;
mod raw_waker;
mod shared;
mod task_block;
mod tasks;

pub use machine::EventLoop;
