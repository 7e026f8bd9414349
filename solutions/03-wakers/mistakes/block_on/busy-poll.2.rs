//! Goes round and round until a flag is set.
//!
//! The smallest executor: one thread, one future.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, Ordering};

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
    let flag = Arc::new(Flag {
        woken: AtomicBool::new(false),
    });
    let waker = Waker::from(Arc::clone(&flag));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        // ANCHOR: mistake
        while !flag.woken.swap(false, Ordering::Acquire) {
            std::hint::spin_loop();
        }
        // ANCHOR_END: mistake
    }
}

struct Flag {
    woken: AtomicBool,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Release);
    }
}
