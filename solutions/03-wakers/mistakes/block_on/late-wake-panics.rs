//! Sends each wake over a channel, and panics if the receiver is gone.
//!
//! The smallest executor: one thread, one future.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::Arc;
use crate::sync::mpsc;

/// Runs a future on this thread, and returns its output.
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
    let (sender, receiver) = mpsc::channel();
    let waker = Waker::from(Arc::new(Line(sender)));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        receiver.recv().unwrap();
    }
}

struct Line(mpsc::Sender<()>);

impl Wake for Line {
    fn wake(self: Arc<Self>) {
        // ANCHOR: mistake
        self.0.send(()).unwrap();
        // ANCHOR_END: mistake
    }
}
