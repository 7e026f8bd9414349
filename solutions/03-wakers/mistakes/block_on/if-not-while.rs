//! Asks once whether there is a wake, and believes in any return of the wait.
//!
//! The smallest executor: one thread, one future.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::{Arc, Condvar, Mutex};

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
    let signal = Arc::new(Signal::default());
    let waker = Waker::from(Arc::clone(&signal));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        // ANCHOR: mistake
        let mut woken = signal.woken.lock().unwrap();
        if !*woken {
            woken = signal.changed.wait(woken).unwrap();
        }
        *woken = false;
        // ANCHOR_END: mistake
    }
}

/// Whether a wake has come since the thread last looked.
#[derive(Default)]
struct Signal {
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        *self.woken.lock().unwrap() = true;
        self.changed.notify_one();
    }
}
