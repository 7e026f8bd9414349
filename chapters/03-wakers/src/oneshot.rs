//! A channel for one value: from whoever has it to whoever waits for it.

use std::fmt;
use std::future::Future;
// YOURS
use std::mem;
// YOURS_END
use std::pin::Pin;
// YOURS
use std::task::{Context, Poll, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};
// STUB: use std::task::{Context, Poll};
// STUB:
// STUB: // Locks, atomics and threads: from `crate::sync`, in whose place the check puts its own.
// STUB: use crate::sync::{Arc, Mutex};
// YOURS_END

/// A channel for one value.
///
/// ```
/// let (sender, receiver) = wakers::oneshot::channel();
/// assert_eq!(sender.send(7), Ok(()));
/// assert_eq!(wakers::block_on(receiver), Ok(7));
/// ```
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    // YOURS
    let shared = Arc::new(Mutex::new(State::Empty));
    let sender = Sender {
        shared: Arc::clone(&shared),
    };
    (sender, Receiver { shared })
    // STUB: todo!("two halves that share something")
    // YOURS_END
}

/// The half that gives the value. Dropping it without [`send`](Sender::send) wakes the receiver,
/// which then gets [`Closed`].
pub struct Sender<T> {
    // YOURS
    shared: Arc<Mutex<State<T>>>,
    // STUB: value: Option<T>, // Yours to replace.
    // YOURS_END
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
    // YOURS
    shared: Arc<Mutex<State<T>>>,
    // STUB: value: Option<T>, // Yours to replace.
    // YOURS_END
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
        // YOURS
        let before = lock(&self.shared).send(value)?;
        wake(before);
        Ok(())
        // STUB: todo!("store the value, and wake whoever waits")
        // YOURS_END
    }

    /// Whether the receiver is gone, so that nobody will ever see a value.
    pub fn is_closed(&self) -> bool {
        // YOURS
        matches!(*lock(&self.shared), State::Over)
        // STUB: todo!("is the receiver still there?")
        // YOURS_END
    }
}

// ANCHOR: poll
impl<T> Future for Receiver<T> {
    type Output = Result<T, Closed>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T, Closed>> {
        // YOURS
        let before = lock(&self.shared).receive(context.waker().clone());
        match before {
            State::Empty | State::Waiting(_) => Poll::Pending,
            State::Sent(value) => Poll::Ready(Ok(value)),
            State::Abandoned => Poll::Ready(Err(Closed)),
            State::Over => panic!("polled after it was ready"),
        }
        // STUB: todo!("is it there? if not, who is to be woken?")
        // YOURS_END
    }
}
// ANCHOR_END: poll
// YOURS

// ANCHOR: drops
impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let before = lock(&self.shared).abandon();
        if let Some(before) = before {
            wake(before);
        }
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        // What was there is dropped after the lock is released: a value's destructor may do
        // anything.
        let _before = mem::replace(&mut *lock(&self.shared), State::Over);
    }
}
// ANCHOR_END: drops

/// What the two halves know of each other. The arrows are the methods below, and `drop` is the
/// receiver's.
///
/// ```text
///            receive             send              receive
///   Empty ────────────▶ Waiting ───────▶ Sent ─────────────────▶ Over
///     │ │                  │               ▲                      ▲
///     │ └──────────────────┼── send ───────┘                      │
///     │                    │                                      │
///     └────── abandon ─────┴──────▶ Abandoned ────── receive ─────┘
///
///   any of them ── drop ──▶ Over
/// ```
///
/// Each method makes one step and returns the state before it, so that nothing is woken and nothing
/// is dropped under the lock.
// ANCHOR: states
enum State<T> {
    /// Nobody has sent, and nobody waits.
    Empty,
    /// The receiver waits, and this wakes it.
    Waiting(Waker),
    /// The value waits for the receiver.
    Sent(T),
    /// The sender is gone, and it has sent nothing.
    Abandoned,
    /// The receiver has what it came for, or is gone.
    Over,
}
// ANCHOR_END: states

// ANCHOR: steps
impl<T> State<T> {
    fn send(&mut self, value: T) -> Result<State<T>, T> {
        match self {
            State::Over => Err(value),
            _ => Ok(mem::replace(self, State::Sent(value))),
        }
    }

    /// `None` if there is nothing to abandon: the value has been sent, or nobody wants it.
    fn abandon(&mut self) -> Option<State<T>> {
        match self {
            State::Empty | State::Waiting(_) => Some(mem::replace(self, State::Abandoned)),
            State::Sent(_) | State::Abandoned | State::Over => None,
        }
    }

    fn receive(&mut self, waker: Waker) -> State<T> {
        let after = match self {
            State::Empty | State::Waiting(_) => State::Waiting(waker),
            State::Sent(_) | State::Abandoned | State::Over => State::Over,
        };
        mem::replace(self, after)
    }
}
// ANCHOR_END: steps

fn wake<T>(before: State<T>) {
    if let State::Waiting(waker) = before {
        waker.wake();
    }
}

/// A panic in somebody else's waker must not take the channel with it: every step leaves a whole
/// state behind.
fn lock<T>(shared: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
// YOURS_END

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
