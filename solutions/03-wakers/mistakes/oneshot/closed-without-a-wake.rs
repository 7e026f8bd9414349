//! Notes that the sender is gone, and tells nobody.
//!
//! A channel for one value: from whoever has it to whoever waits for it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::sync::{Arc, Mutex};

/// A channel for one value.
///
/// ```
/// let (sender, receiver) = wakers::oneshot::channel();
/// assert_eq!(sender.send(7), Ok(()));
/// assert_eq!(wakers::block_on(receiver), Ok(7));
/// ```
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let shared = Arc::new(Mutex::new(Shared {
        value: None,
        waker: None,
        sender: true,
        receiver: true,
    }));
    let sender = Sender {
        shared: Arc::clone(&shared),
    };
    (sender, Receiver { shared })
}

/// The half that gives the value. Dropping it without [`send`](Sender::send) wakes the receiver,
/// which then gets [`Closed`].
pub struct Sender<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

/// The half that waits for the value: a future.
///
/// Whoever polled it last is woken when there is something to know; no lock is held then, so the
/// one who is woken may poll at once. A receiver that is dropped keeps no waker behind.
///
/// # Cancel safety
///
/// Nothing is lost while the receiver lives: it may wait in one task, be moved to another, and wait
/// there. Dropping it drops a value that has been sent and not yet received; a value that is sent
/// later comes back to its sender.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "a receiver does nothing until it is polled"]
pub struct Receiver<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

/// The sender is gone, and there will never be a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl<T> Sender<T> {
    /// Sends the value, and wakes the receiver if it waits.
    ///
    /// # Errors
    ///
    /// Gives the value back if the receiver is gone.
    pub fn send(self, value: T) -> Result<(), T> {
        let mut shared = self.shared.lock().unwrap();
        if !shared.receiver {
            return Err(value);
        }
        shared.value = Some(value);
        let waker = shared.waker.take();
        drop(shared);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Whether the receiver is gone, so that nobody will ever see a value.
    pub fn is_closed(&self) -> bool {
        !self.shared.lock().unwrap().receiver
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, Closed>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, Closed>> {
        let mut shared = self.shared.lock().unwrap();
        if let Some(value) = shared.value.take() {
            shared.receiver = false;
            return Poll::Ready(Ok(value));
        }
        assert!(shared.receiver, "polled after it was ready");
        if !shared.sender {
            shared.receiver = false;
            return Poll::Ready(Err(Closed));
        }
        shared.waker = Some(context.waker().clone());
        Poll::Pending
    }
}

struct Shared<T> {
    value: Option<T>,
    waker: Option<Waker>,
    sender: bool,
    receiver: bool,
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut shared = self.shared.lock().unwrap();
        // ANCHOR: mistake
        shared.sender = false;
        // ANCHOR_END: mistake
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut shared = self.shared.lock().unwrap();
        shared.receiver = false;
        shared.waker = None;
        let value = shared.value.take();
        drop(shared);
        drop(value);
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Sender")
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Receiver")
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the sender is gone, and sent nothing")
    }
}

impl std::error::Error for Closed {}
