//! The smallest executor: one thread, one future.

use std::future::Future;
// YOURS
use std::pin::pin;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::{Arc, Condvar, Mutex, PoisonError};
// STUB: // Locks, condition variables, atomics and threads are all in `crate::sync`, in whose place the
// STUB: // check puts its own. Take of it what you need.
// STUB: use crate::sync::{Arc, Condvar, Mutex, atomic, thread};
// YOURS_END

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
    // ANCHOR: poll_loop
    // YOURS
    let signal = Arc::new(Signal::default());
    let waker = Waker::from(Arc::clone(&signal));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        signal.wait();
    }
    // ANCHOR_END: poll_loop
    // STUB: todo!("poll, sleep until woken, poll again")
    // YOURS_END
}
// YOURS

// ANCHOR: signal
/// Whether a wake has come since the thread last looked.
#[derive(Default)]
struct Signal {
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Signal {
    /// Sleeps until there is a wake, and takes it. One that came earlier is there already.
    fn wait(&self) {
        let mut woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        while !*woken {
            woken = self
                .changed
                .wait(woken)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *woken = false;
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }
}
// ANCHOR_END: signal
// YOURS_END
