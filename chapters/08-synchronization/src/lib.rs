//! Chapter 08: who may go next; queues of waiters, and the locks, channels and pools built on them.
//!
//! It knows wakers and, of a loop, `Spawn` and `Timer`. It does not know the loop's queue, the
//! reactor or sockets.
//!
//! | file | idea |
//! |---|---|
//! | [`linked_slab`] | a list from which any entry is removed in constant time |
//! | [`wait_queue`] | tasks that wait for their turn: everything below is built on it |
//! | [`event`] | a flag that any number of tasks wait for: a level |
//! | [`notify`] | a notification that one task consumes: an edge |
//! | [`wait_graph`] | who holds what, and who waits for whom |
//! | [`semaphore`] | a number of permits, handed out in the order of the queue |
//! | [`mutex`] | a value for one task at a time, also across an `.await` |
//! | [`condition`] | waiting until a locked value is in a certain state |
//! | [`barrier`] | tasks that wait until all of them have arrived |
//! | [`rw_lock`] | a value for many readers, or for one writer |
//! | [`hand_off`] | a measurement: what fairness costs, and what it saves |
//! | [`channel`](mod@channel) | a queue between tasks that makes senders wait when it is full |
//! | [`broadcast`](mod@broadcast) | every receiver gets every value, and a slow one learns what it missed |
//! | [`watch`](mod@watch) | a value that changes, and receivers that want the latest one |
//! | [`sync`] | deep: the locks of the thread-safe parts, which a check may replace by a model's |
//! | [`shared_semaphore`] | deep: a semaphore for tasks on several threads |
//! | [`shared_notify`] | deep: a notification that any thread sends |
//! | [`queue`] | a queue of work: how much of it is left, and the end of it |
//! | [`pool`] | a limited number of connections that tasks share |
//! | [`rate_limiter`] | a limit for the number of calls in a time: a token bucket |
//! | [`group_commit`] | one write to the disk for the records of many writers |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as synchronization;

pub mod barrier;
pub mod broadcast;
pub mod channel;
pub mod condition;
pub mod event;
pub mod group_commit;
pub mod hand_off;
pub mod linked_slab;
pub mod mutex;
pub mod notify;
pub mod pool;
pub mod queue;
pub mod rate_limiter;
pub mod rw_lock;
pub mod semaphore;
pub mod shared_notify;
pub mod shared_semaphore;
pub mod wait_graph;
pub mod wait_queue;
pub mod watch;

/// The locks of the thread-safe parts: those of chapter 03, in whose place a check puts a model's.
pub use wakers::sync;

pub use barrier::Barrier;
pub use condition::Condition;
pub use event::Event;
pub use linked_slab::LinkedSlab;
pub use mutex::{Guard, Mutex};
pub use notify::{Notified, Notify};
pub use pool::Pool;
pub use queue::{PriorityQueue, Queue};
pub use rate_limiter::RateLimiter;
pub use rw_lock::RwLock;
pub use semaphore::{Permit, Semaphore};
pub use shared_notify::SharedNotify;
pub use shared_semaphore::SharedSemaphore;
pub use wait_graph::WaitGraph;
pub use wait_queue::{Wait, WaitQueue};
