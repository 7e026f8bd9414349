//! A channel for one value, from a sender to a receiver that may wait for it.

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
// STUB: // Locks, atomics and threads: from `crate::sync`. The check replaces that module by its own.
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

/// The half that sends the value. Dropping it without [`send`](Sender::send) wakes the receiver,
/// which then gets [`Closed`].
pub struct Sender<T> {
    // YOURS
    shared: Arc<Mutex<State<T>>>,
    // STUB: value: Option<T>, // Yours to replace.
    // YOURS_END
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
    // YOURS
    shared: Arc<Mutex<State<T>>>,
    // STUB: value: Option<T>, // Yours to replace.
    // YOURS_END
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
        // YOURS
        let before = lock(&self.shared).send(value)?;
        wake(before);
        Ok(())
        // STUB: todo!("store the value, and wake the task that waits")
        // YOURS_END
    }

    /// Whether the receiver was dropped, so that a value could not be received.
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
        // The waker is cloned before the lock is taken. If it is not kept, it is dropped after the release.
        let waker = context.waker().clone();
        let (before, _unused) = lock(&self.shared).receive(waker);
        match before {
            State::Empty | State::Waiting(_) => Poll::Pending,
            State::Sent(value) => Poll::Ready(Ok(value)),
            State::Abandoned => Poll::Ready(Err(Closed)),
            State::Over => panic!("polled after it was ready"),
        }
        // STUB: todo!("is it there? if not, which task will you wake?")
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
        // The state before is dropped after the lock is released, because the destructor of a value is
        // caller-supplied code.
        let _before = mem::replace(&mut *lock(&self.shared), State::Over);
    }
}
// ANCHOR_END: drops

/// The state that both halves share. The arrows are the methods below, and `drop` is the receiver's.
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
/// Each method makes one step and returns the state before it, so that wakers are called, and values
/// dropped, after the lock is released.
// ANCHOR: states
enum State<T> {
    /// No value was sent, and no task waits.
    Empty,
    /// The receiver's task waits, and this is its waker.
    Waiting(Waker),
    /// The value was sent, and not received yet.
    Sent(T),
    /// The sender was dropped without sending.
    Abandoned,
    /// The receiver was ready, or was dropped.
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

    /// `None` if nothing changes: the value was sent, or the receiver is gone.
    fn abandon(&mut self) -> Option<State<T>> {
        match self {
            State::Empty | State::Waiting(_) => Some(mem::replace(self, State::Abandoned)),
            State::Sent(_) | State::Abandoned | State::Over => None,
        }
    }

    /// Also returns the waker, if it is not kept.
    fn receive(&mut self, waker: Waker) -> (State<T>, Option<Waker>) {
        let (after, unused) = match self {
            State::Empty | State::Waiting(_) => (State::Waiting(waker), None),
            State::Sent(_) | State::Abandoned | State::Over => (State::Over, Some(waker)),
        };
        (mem::replace(self, after), unused)
    }
}
// ANCHOR_END: steps

fn wake<T>(before: State<T>) {
    if let State::Waiting(waker) = before {
        waker.wake();
    }
}

/// Ignores poisoning: each step replaces the whole state at once, so a panic cannot leave half a step.
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
