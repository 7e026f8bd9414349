//! A channel for one value, from a sender to a receiver that may wait for it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

// Locks, atomics and threads: from `crate::sync`. The check replaces that module by its own.
use crate::sync::{Arc, Mutex};

/// A channel for one value.
///
/// ```
/// let (sender, receiver) = wakers::oneshot::channel();
/// assert_eq!(sender.send(7), Ok(()));
/// assert_eq!(wakers::block_on(receiver), Ok(7));
/// ```
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    todo!("two halves that share something")
}

/// The half that sends the value. Dropping it without [`send`](Sender::send) wakes the receiver,
/// which then gets [`Closed`].
pub struct Sender<T> {
    value: Option<T>, // Yours to replace.
}

/// The half that waits for the value: a future.
///
/// A value, or a sender that is dropped without one, wakes the task that polled the receiver last,
/// once. Nothing else wakes it. The channel holds no lock while it calls or drops a waker, or drops a
/// value: a woken task may poll at once, and a destructor may use this channel. A clone of a waker
/// under the lock is accepted. A dropped receiver keeps no waker.
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
    value: Option<T>, // Yours to replace.
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
        todo!("store the value, and wake the task that waits")
    }

    /// Whether the receiver was dropped, so that a value could not be received.
    pub fn is_closed(&self) -> bool {
        todo!("is the receiver still there?")
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, Closed>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, Closed>> {
        todo!("is it there? if not, which task will you wake?")
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
