//! Polls again and again until it is ready.
//!
//! The smallest executor: one thread, one future.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::sync::thread;

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
    let mut context = Context::from_waker(Waker::noop());
    let mut future = pin!(future);
    // ANCHOR: mistake
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::yield_now(),
        }
    }
    // ANCHOR_END: mistake
}
