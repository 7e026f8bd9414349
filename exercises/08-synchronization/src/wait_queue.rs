//! Tasks that wait for their turn, first come, first served. Everything in this chapter that waits is
//! built on it. Safe code is enough: `unsafe` does not compile here.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use synchronization::LinkedSlab;

/// A queue of waiters on one thread. A clone is the same queue.
///
/// A **turn** is a value: a permit, a guard, a connection. Its owner hands it to the waiter that
/// has waited longest, and from then on the waiter owns it. A waiter also carries a *request*, which
/// the owner can read before it decides: the number of permits, reading or writing. Most queues need
/// none.
///
/// ```text
///   wait(request) ──▶ Waiting ── hand_over(turn) ──▶ Chosen ── poll ──▶ Ready(turn)
///                        │                              │
///                      drop: leaves the queue         drop: drops the turn, and the turn's
///                                                     destructor passes it on
/// ```
///
/// The queue calls no waker, and drops no waker and no turn, while it is borrowed: all of these are
/// caller-supplied code, and may use the queue again.
///
/// ```
/// use futures::FutureExt;
/// use synchronization::WaitQueue;
///
/// let queue = WaitQueue::new();
/// let mut first = queue.wait(());
/// let mut second = queue.wait(());
/// assert_eq!(queue.hand_over("turn"), Ok(()));
/// assert_eq!((&mut second).now_or_never(), None);
/// assert_eq!((&mut first).now_or_never(), Some("turn"));
/// drop(second);
/// assert_eq!(queue.hand_over("another"), Err("another"));
/// ```
pub struct WaitQueue<T, R = ()> {
    todo: std::marker::PhantomData<(T, R)>, // Yours to replace.
}

impl<T, R: Copy> WaitQueue<T, R> {
    /// A queue in which nothing waits.
    #[must_use]
    pub fn new() -> WaitQueue<T, R> {
        todo!("an empty queue")
    }

    /// Takes the last place in the queue, in this call and not at the first poll.
    ///
    /// The future returns the turn that the waiter is handed. It belongs to this queue also after
    /// every handle of the queue has been dropped; nothing can hand it a turn then.
    pub fn wait(&self, request: R) -> Wait<T, R> {
        todo!("the last place")
    }

    /// The number of waiters that have not been handed a turn.
    #[must_use]
    pub fn len(&self) -> usize {
        todo!("how many wait?")
    }

    /// Whether no waiter is without a turn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The request of the waiter that the next turn goes to.
    #[must_use]
    pub fn first(&self) -> Option<R> {
        todo!("whose turn is next, and what does it want?")
    }

    /// Hands the turn to the waiter that has waited longest, takes it out of the queue, and wakes
    /// the task that polled it last. It does not wait for that task to run. A waiter that has not
    /// been polled yet finds the turn at its first poll.
    ///
    /// # Errors
    ///
    /// The turn comes back if nothing waits.
    pub fn hand_over(&self, turn: T) -> Result<(), T> {
        todo!("whose turn is it?")
    }

    /// Hands a turn to every waiter that is in the queue now, oldest first, and then wakes them in
    /// this order, also if a waker panics: then the panic continues after the last one. What happens if
    /// two wakers panic is left open. Returns how many there were.
    ///
    /// It calls `turn` once for each of them, before it chooses the first. `turn` may use the queue. A
    /// waiter that comes during one of these calls, or while the wakers are called, receives nothing
    /// and stays in the queue. If `turn` panics, no turn is handed over, and the waiters stay.
    pub fn hand_to_all(&self, turn: impl FnMut() -> T) -> usize {
        todo!("every waiter that is in the queue now")
    }
}

impl<T, R> Clone for WaitQueue<T, R> {
    fn clone(&self) -> WaitQueue<T, R> {
        todo!("the same queue")
    }
}

impl<T, R: Copy> Default for WaitQueue<T, R> {
    fn default() -> WaitQueue<T, R> {
        WaitQueue::new()
    }
}

/// See [`WaitQueue::wait`].
///
/// # Cancel safety
///
/// Dropped while it waits, it leaves the queue in constant time, and the others keep their order. No
/// task is woken: an owner whose next waiter may go on now has to look. Dropped after a turn was
/// handed to it, it drops the turn. So a turn that must not be lost has a destructor, which gives it
/// back to its owner or hands it to the next waiter. In either case, and after `Ready`, the queue
/// keeps nothing of it.
///
/// # Panics
///
/// If it is polled after `Ready`.
#[must_use = "it holds a place in the queue: await it or drop it"]
pub struct Wait<T, R = ()> {
    todo: std::marker::PhantomData<(T, R)>, // Yours to replace.
}

impl<T, R> Future for Wait<T, R> {
    type Output = T;

    /// Wakes the task that polled last.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        todo!("is it this waiter's turn?")
    }
}

impl<T, R> Drop for Wait<T, R> {
    fn drop(&mut self) {
        // What does a waiter leave behind?
    }
}

impl<T, R> Unpin for Wait<T, R> {}

impl<T, R: Copy> fmt::Debug for WaitQueue<T, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("WaitQueue")
            .field("waiting", &self.len())
            .finish()
    }
}

impl<T, R> fmt::Debug for Wait<T, R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Wait")
    }
}
