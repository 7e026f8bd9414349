//! The faster loop: chapter 04's interface, and parts of its own behind it.
//!
//! | file | idea |
//! |---|---|
//! | [`machine`] | [`EventLoop`]: as in chapter 04, and with [`Steps`](crate::Steps) |
//! | `task_block` | what the wakers of one task share: who counts, and who queues |
//! | `raw_waker` | the four functions of a `Waker` that points to such a block |
//! | `shared` | the part of the loop that any thread may reach: two queues |
//! | `tasks` | where the futures are, and the memory of wakers for the next task |
//! | `core` | polls, and the end of a task: the parts that this loop has of its own. The others are chapter 04's [`engine`](event_loop::engine) |

mod core;
pub mod machine;
mod raw_waker;
mod shared;
mod task_block;
mod tasks;

pub use machine::EventLoop;
