//! Chapter 04: the machine that runs futures.
//!
//! | file | idea |
//! |---|---|
//! | [`machine`] | [`EventLoop`]: `block_on`, `run_forever`, `run_once` |
//! | [`turn`] | one turn: sleep, fire the timers, run what is ready |
//! | [`ready_queue`] | what is ready, in order, from any thread; and whether the loop sleeps |
//! | [`task_waker`] | a waker that queues its task once |
//! | [`timers`] | what is due when: a heap that forgets what is taken back |
//! | [`driver`] | the seam between the loop and the world; [`thread_driver`] is the one without sockets |
//! | [`handle`] | what tasks hold of their loop: `spawn`, `sleep`, `call_soon` |
//! | [`join`], [`sleep`], [`calls`] | waiting for a task, for a time; callbacks |
//! | [`door`], [`remote`] | the way in for other threads; a task that one of them starts and waits for |
//! | [`observer`] | whoever wants to know what the loop does |
//! | [`traits`] | the little that other crates need of a loop |
//! | [`report`] | what went wrong without anybody asking |
//! | [`time`], [`task_id`] | what the clock shows, and what a task is called |
//! | [`jumping_driver`] | a driver whose clock jumps, for programs that print the same everywhere |
//! | [`greedy`] | what a greedy task does to one that wants to be on time |
//!
//! Before that, the way there, in four loops that are each whole and each wrong in one thing:
//!
//! | file | idea |
//! |---|---|
//! | [`s1_everybody`] | poll everybody, again and again |
//! | [`s2_queue`] | a queue: poll who was woken |
//! | [`s3_once`] | one place in the queue for each task, and turns |
//! | [`s4_timers`] | a heap of timers, and a sleep until the next |
//!
//! It knows wakers and threads, and no sockets: those are a driver's.

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as event_loop;

pub mod calls;
mod core;
pub mod door;
pub mod driver;
pub mod greedy;
pub mod handle;
mod iteration;
pub mod join;
pub mod jumping_driver;
mod local_queue;
pub mod machine;
mod main_future;
pub mod observer;
pub mod ready_queue;
pub mod remote;
pub mod report;
pub mod s1_everybody;
pub mod s2_queue;
pub mod s3_once;
pub mod s4_timers;
pub mod sleep;
pub mod sync;
pub mod task_id;
pub mod task_waker;
mod tasks;
pub mod thread_driver;
pub mod time;
pub mod timers;
pub mod traits;
pub mod turn;

pub use calls::CallHandle;
pub use door::{Door, LoopClosed};
pub use driver::{Driver, Unparker};
pub use handle::Handle;
pub use join::{JoinError, JoinHandle};
pub use jumping_driver::JumpingDriver;
pub use machine::EventLoop;
pub use observer::{End, Observer};
pub use ready_queue::ReadyQueue;
pub use remote::RemoteTask;
pub use report::Unretrieved;
pub use sleep::Sleep;
pub use state_machines::yield_now;
pub use task_id::TaskId;
pub use task_waker::{Schedule, TaskWaker};
pub use thread_driver::ThreadDriver;
pub use time::Time;
pub use timers::{TimerKey, Timers};
pub use traits::{BoxedTask, Spawn, Timer};
