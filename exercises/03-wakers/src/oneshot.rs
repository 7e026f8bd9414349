//! A channel for one value: from whoever has it to whoever waits for it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

// Locks, atomics and threads: from `crate::sync`, in whose place the check puts its own.
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

/// The half that gives the value. Dropping it without [`send`](Sender::send) wakes the receiver,
/// which then gets [`Closed`].
pub struct Sender<T> {
    value: Option<T>, // Yours to replace.
}

/// The half that waits for the value: a future.
///
/// Whoever polled it last is woken when there is something to know; no lock is held then, so the
/// one who is woken may poll at once. Nor is a lock held when a waker or a value is dropped: their
/// destructors may come back to this channel. A receiver that is dropped keeps no waker behind.
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
    value: Option<T>, // Yours to replace.
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
        todo!("store the value, and wake whoever waits")
    }

    /// Whether the receiver is gone, so that nobody will ever see a value.
    pub fn is_closed(&self) -> bool {
        todo!("is the receiver still there?")
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, Closed>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, Closed>> {
        todo!("is it there? if not, who is to be woken?")
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
