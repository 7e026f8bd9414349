//! The smallest executor: one thread, one future.

use std::future::Future;
// Locks, condition variables, atomics and threads are all in `crate::sync`, in whose place the
// check puts its own. Take of it what you need.
use crate::sync::{Arc, Condvar, Mutex, atomic, thread};

/// Runs a future on this thread, and returns what it completes with.
///
/// The future is polled at once, and from then on only when its waker was called: never more often
/// than that. In between the thread sleeps. A wake that comes while the future is being polled, or
/// just before the thread falls asleep, is remembered. The waker may be called from any thread, any
/// number of times, and also after `block_on` has returned, when it does nothing.
///
/// It may be called from inside a future that another `block_on` is polling; while it waits, that
/// one does, too. Nothing else that parks or unparks this thread disturbs it, or is disturbed by
/// it.
///
/// # Panics
///
/// If the future does: the panic passes through.
pub fn block_on<F: Future>(future: F) -> F::Output {
    todo!("poll, sleep until woken, poll again")
}
