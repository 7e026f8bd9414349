//! Takes a second poll as proof that the sender was dropped.
//!
//! A channel for one value, from a sender to a receiver that may wait for it.

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

/// The half that sends the value. Dropping it without [`send`](Sender::send) wakes the receiver,
/// which then gets [`Closed`].
pub struct Sender<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

/// The half that waits for the value: a future.
///
/// A value, or a sender that is dropped without one, wakes the task that polled the receiver last,
/// once. Nothing else wakes it. The channel holds no lock while it calls or drops a waker, or drops a
/// value: a woken task may poll at once, and a destructor may use this channel. A dropped receiver
/// keeps no waker.
///
/// # Cancel safety
///
/// Nothing is lost while the receiver lives: it may wait in one task, be moved to another, and wait
/// there. Dropping the receiver drops a value that was sent and not yet received. A later `send`
/// returns its value.
///
/// # Panics
///
/// If the receiver is polled again after it was ready.
#[must_use = "a receiver does nothing until it is polled"]
pub struct Receiver<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

/// The sender was dropped without sending a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

impl<T> Sender<T> {
    /// Sends the value, and wakes the receiver's task if it waits.
    ///
    /// # Errors
    ///
    /// Returns the value if the receiver was dropped.
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

    /// Whether the receiver was dropped, so that a value could not be received.
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
        // ANCHOR: mistake
        if shared.waker.is_some() {
            shared.receiver = false;
            return Poll::Ready(Err(Closed));
        }
        // ANCHOR_END: mistake
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
        shared.sender = false;
        let waker = shared.waker.take();
        drop(shared);
        if let Some(waker) = waker {
            waker.wake();
        }
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
