//! Chapter 04: the machine that runs futures.
//!
//! | file | idea |
//! |---|---|
//! | [`machine`] | [`EventLoop`]: `block_on`, `run_forever`, `run_once` |
//! | [`turn`] | one iteration: sleep, fire the timers, run the ready entries |
//! | [`ready_queue`] | entries in order, from any thread; and whether the loop sleeps |
//! | [`task_waker`] | a waker that schedules its task once |
//! | [`timers`] | a set of timers: a heap from which any of them can be removed |
//! | [`driver`] | the interface to the source of events; [`thread_driver`] is the one without sockets |
//! | [`handle`] | the handle by which tasks reach their loop: `spawn`, `sleep`, `call_soon`; [`hub`] is what it asks of the loop |
//! | [`join`], [`sleep`], [`calls`] | waiting for a task, for a time; callbacks |
//! | [`door`], [`remote`] | the thread-safe handle; a task that another thread starts and waits for |
//! | [`engine`], [`tasks`], [`iteration`] | what every loop shares, and one run of it; chapter 14's faster loop supplies other parts |
//! | [`observer`] | a call for each step of the loop; [`origin`] says where a task was spawned, [`leaf`] what it waits for |
//! | [`traits`] | the two traits by which other crates use a loop |
//! | [`report`] | panics that no task retrieves |
//! | [`time`], [`task_id`] | a moment on the loop's clock; the id of a task |
//! | [`jumping_driver`] | a driver whose clock jumps, for programs that print the same everywhere |
//! | [`coarse`] | a clock that is cheap to read, for debug mode |
//! | [`greedy`] | how late a greedy task makes the ticks of another task |
//!
//! Before these, four stages: loops that are each complete and each lack one thing:
//!
//! | file | idea |
//! |---|---|
//! | [`s1_everybody`] | poll every task, again and again |
//! | [`s2_queue`] | a queue: poll the tasks that were woken |
//! | [`s3_once`] | one entry in the queue for each task, and iterations |
//! | [`s4_timers`] | a heap of timers, and a sleep until the next |
//!
//! It knows wakers and threads. It does not know sockets: a driver does.

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as event_loop;

pub mod calls;
pub mod coarse;
mod core;
pub mod door;
pub mod driver;
pub mod engine;
pub mod greedy;
pub mod handle;
pub mod hub;
pub mod iteration;
pub mod join;
pub mod jumping_driver;
pub mod leaf;
mod local_queue;
pub mod machine;
mod main_future;
pub mod observer;
pub mod origin;
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
pub mod tasks;
pub mod thread_driver;
pub mod time;
pub mod timers;
pub mod traits;
pub mod turn;
pub mod weak_waker;

pub use calls::CallHandle;
pub use door::{Accept, Call, Door, LoopClosed};
pub use driver::{Driver, Unparker};
pub use handle::Handle;
pub use hub::Hub;
pub use join::{JoinError, JoinHandle};
pub use jumping_driver::JumpingDriver;
pub use machine::EventLoop;
pub use observer::{End, Observer, Step};
pub use origin::Origin;
pub use ready_queue::ReadyQueue;
pub use remote::RemoteTask;
pub use report::{Report, Unretrieved, panic_message};
pub use sleep::Sleep;
pub use state_machines::yield_now;
pub use task_id::TaskId;
pub use task_waker::{Schedule, TaskWaker};
pub use thread_driver::ThreadDriver;
pub use time::Time;
pub use timers::{TimerKey, Timers};
pub use traits::{BoxedTask, Spawn, Timer};
pub use weak_waker::{Watched, WeakWaker};
