//! Chapter 03: who calls `poll` again?
//!
//! It knows wakers, locks and threads. It does not know a queue of tasks, or the timers of a loop.
//!
//! A future that returns `Poll::Pending` is polled again only after its *waker* was called. The
//! future keeps the waker of its latest poll. The event that it waits for calls that waker, and the
//! executor then polls the task again.
//!
//! | file | idea |
//! |---|---|
//! | [`sync`] | the locks and threads of this chapter, which a check may replace by a model's |
//! | [`alarm`] | a clock that calls back, and a future that waits for a time |
//! | [`scripted`] | a clock that strikes at a scripted moment |
//! | [`ready_list`] | a wake puts a task in a queue, and runs nothing |
//! | [`block_on`](mod@block_on) | one thread that sleeps until its future is woken |
//! | [`oneshot`] | a channel for one value, whose receiver may move from task to task |
//! | [`raw_waker`] | deep: a waker made by hand, and the references that it owns |
//! | [`atomic_waker`] | deep: a slot for one waker, without a lock |
//! | [`cost`] | what a wake costs, and what a thread's sleep costs |
//!
//! It knows the standard library and nothing else: no loop, no clock of its own, no sockets.

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as wakers;

pub mod alarm;
pub mod atomic_waker;
pub mod block_on;
pub mod cost;
pub mod oneshot;
pub mod raw_waker;
pub mod ready_list;
pub mod scripted;
pub mod sync;

pub use atomic_waker::AtomicWaker;
pub use block_on::block_on;
