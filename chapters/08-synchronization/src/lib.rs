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
//! | [`channel`](mod@channel) | a queue between tasks that makes senders wait when it is full |
//! | [`broadcast`](mod@broadcast) | every receiver gets every value, and a slow one learns what it missed |
//! | [`watch`](mod@watch) | a value that changes, and receivers that want the latest one |

// Every file that an exercise may replace names this crate from outside, so that the same file also
// serves in a check.
#[allow(unused_extern_crates)]
extern crate self as synchronization;

pub mod broadcast;
pub mod channel;
pub mod event;
pub mod linked_slab;
pub mod notify;
pub mod wait_queue;
pub mod watch;

pub use event::Event;
pub use linked_slab::LinkedSlab;
pub use notify::{Notified, Notify};
pub use wait_queue::{Wait, WaitQueue};
