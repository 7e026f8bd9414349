//! The smallest executor: one thread, one future.

use std::future::Future;
// Locks, condition variables, atomics, channels and threads: from `crate::sync`. The check
// replaces that module by its own. Import what you need.
use crate::sync::{Arc, Condvar, Mutex, atomic, thread};

/// Runs a future on this thread, and returns its output.
///
/// ```
/// let (sender, receiver) = wakers::oneshot::channel();
/// std::thread::spawn(move || sender.send(7));
/// assert_eq!(wakers::block_on(receiver), Ok(7));
/// ```
///
/// `block_on` polls the future at once. After each `Pending` the thread sleeps until the waker is
/// called, and then `block_on` polls again. The sleep has no time-out. So there is one poll to begin
/// with, and at most one more for each wake. A sleep that ends without a wake leads to no poll.
///
/// A wake during a poll, or just before the thread falls asleep, is remembered. Several wakes before
/// one poll may be one. The waker may be called from any thread, any number of times, and also after
/// `block_on` has returned: then the call does nothing, and a later `block_on` does not poll for it.
///
/// The future may itself call `block_on`, with another future. The outer call waits meanwhile, and
/// none of its wakes is lost. The future may also park and unpark the thread. `block_on` may use the
/// thread's token as well, as long as a token that comes or goes neither counts as a wake nor loses
/// one.
///
/// The future is dropped before `block_on` returns or panics.
///
/// # Panics
///
/// If the future panics: its panic passes through.
pub fn block_on<F: Future>(future: F) -> F::Output {
    todo!("poll, sleep until woken, poll again")
}
