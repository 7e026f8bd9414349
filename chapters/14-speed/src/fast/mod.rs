//! The faster loop: chapter 04's interface, and parts of its own behind it.
//!
//! | file | idea |
//! |---|---|
//! | [`machine`] | [`EventLoop`]: as in chapter 04, and with [`Steps`](crate::Steps) |
//! | `core` | the loop's parts, which chapter 04's [`engine`](event_loop::engine) runs |
//! | `shared` | the part of the loop that any thread may reach: two queues |
//! | `task_block` | what the wakers of one task share: who counts, and who queues |
//! | `raw_waker` | the four functions of a `Waker` that points to such a block |
//! | `spare` | the memory of wakers for the next tasks |

mod core;
pub mod machine;
mod raw_waker;
mod shared;
mod spare;
mod task_block;

pub use machine::EventLoop;
