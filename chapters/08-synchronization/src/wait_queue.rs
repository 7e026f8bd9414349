//! Tasks that wait for their turn, first come, first served. Everything in this chapter that waits is
//! built on it. Safe code is enough: `unsafe` does not compile here.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
// YOURS
use std::cell::Cell;
use std::iter;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
// YOURS_END
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
    // YOURS
    waiters: Rc<RefCell<LinkedSlab<Waiter<T, R>>>>,
    /// How many have ever come.
    came: Rc<Cell<u64>>,
    // STUB: todo: std::marker::PhantomData<(T, R)>, // Yours to replace.
    // YOURS_END
}
// YOURS

enum Waiter<T, R> {
    /// In the order. The number says how many came before it, and the waker is that of the latest poll.
    Waiting {
        number: u64,
        request: R,
        waker: Option<Waker>,
    },
    /// Not in the order. The turn was handed to it, and its next poll returns it.
    Chosen(T),
}
// YOURS_END

impl<T, R: Copy> WaitQueue<T, R> {
    /// A queue in which nothing waits.
    #[must_use]
    pub fn new() -> WaitQueue<T, R> {
        // YOURS
        WaitQueue {
            waiters: Rc::default(),
            came: Rc::default(),
        }
        // STUB: todo!("an empty queue")
        // YOURS_END
    }

    /// Takes the last place in the queue, in this call and not at the first poll.
    ///
    /// The future returns the turn that the waiter is handed. It belongs to this queue also after
    /// every handle of the queue has been dropped; nothing can hand it a turn then.
    pub fn wait(&self, request: R) -> Wait<T, R> {
        // YOURS
        let waiter = Waiter::Waiting {
            number: self.came.replace(self.came.get() + 1),
            request,
            waker: None,
        };
        Wait {
            key: Some(self.waiters.borrow_mut().push_back(waiter)),
            queue: self.clone(),
        }
        // STUB: todo!("the last place")
        // YOURS_END
    }

    /// The number of waiters that have not been handed a turn.
    #[must_use]
    pub fn len(&self) -> usize {
        // YOURS
        self.waiters.borrow().len()
        // STUB: todo!("how many wait?")
        // YOURS_END
    }

    /// Whether no waiter is without a turn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The request of the waiter that the next turn goes to.
    #[must_use]
    pub fn first(&self) -> Option<R> {
        // YOURS
        let waiters = self.waiters.borrow();
        match waiters.get(waiters.front()?) {
            Waiter::Waiting { request, .. } => Some(*request),
            Waiter::Chosen(_) => None,
        }
        // STUB: todo!("whose turn is next, and what does it want?")
        // YOURS_END
    }

    // ANCHOR: hand_over
    /// Hands the turn to the waiter that has waited longest, takes it out of the queue, and wakes
    /// the task that polled it last. It does not wait for that task to run. A waiter that has not
    /// been polled yet finds the turn at its first poll.
    ///
    /// # Errors
    ///
    /// The turn comes back if nothing waits.
    pub fn hand_over(&self, turn: T) -> Result<(), T> {
        // YOURS
        let waker = self.choose(turn, u64::MAX)?;
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
        // STUB: todo!("whose turn is it?")
        // YOURS_END
    }
    // ANCHOR_END: hand_over

    /// Hands a turn to every waiter that is in the queue now, oldest first, and then wakes them in
    /// this order, also if a waker panics: then the panic continues after the last one. What happens if
    /// two wakers panic is left open. Returns how many there were.
    ///
    /// It calls `turn` once for each of them, before it chooses the first. `turn` may use the queue. A
    /// waiter that comes during one of these calls, or while the wakers are called, receives nothing
    /// and stays in the queue. If `turn` panics, no turn is handed over, and the waiters stay.
    pub fn hand_to_all(&self, turn: impl FnMut() -> T) -> usize {
        // YOURS
        // While the turns are made, waiters may leave and others come.
        let end = self.came.get();
        let turns: Vec<T> = iter::repeat_with(turn).take(self.len()).collect();
        let chosen = turns
            .into_iter()
            .map_while(|turn| self.choose(turn, end).ok());
        let wakers: Vec<Option<Waker>> = chosen.collect();
        let count = wakers.len();
        wake_all(wakers.into_iter().flatten());
        count
        // STUB: todo!("every waiter that is in the queue now")
        // YOURS_END
    }
    // YOURS

    // ANCHOR: choose
    /// Stores the turn in the place of the first waiter, if its number is below `end`, and returns its waker. The
    /// caller wakes it, after the borrow has ended.
    fn choose(&self, turn: T, end: u64) -> Result<Option<Waker>, T> {
        let mut waiters = self.waiters.borrow_mut();
        let first = waiters.front().map(|key| (key, waiters.get(key)));
        let key = match first {
            Some((key, Waiter::Waiting { number, .. })) if *number < end => key,
            _ => return Err(turn),
        };
        waiters.unlink(key);
        match mem::replace(waiters.get_mut(key), Waiter::Chosen(turn)) {
            Waiter::Waiting { waker, .. } => Ok(waker),
            Waiter::Chosen(_) => unreachable!("a chosen waiter is not in the order"),
        }
    }
    // ANCHOR_END: choose
    // YOURS_END
}
// YOURS

/// Wakes all of them, also if a waker panics. Then the first panic continues.
fn wake_all(wakers: impl Iterator<Item = Waker>) {
    let mut panicked = None;
    for waker in wakers {
        let woken = catch_unwind(AssertUnwindSafe(|| waker.wake()));
        panicked = panicked.or(woken.err());
    }
    if let Some(panic) = panicked {
        resume_unwind(panic);
    }
}
// YOURS_END

impl<T, R> Clone for WaitQueue<T, R> {
    fn clone(&self) -> WaitQueue<T, R> {
        // YOURS
        WaitQueue {
            waiters: Rc::clone(&self.waiters),
            came: Rc::clone(&self.came),
        }
        // STUB: todo!("the same queue")
        // YOURS_END
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
    // YOURS
    queue: WaitQueue<T, R>,
    /// `None` once the turn was returned. The key may belong to another waiter by then.
    key: Option<usize>,
    // STUB: todo: std::marker::PhantomData<(T, R)>, // Yours to replace.
    // YOURS_END
}

// ANCHOR: wait
impl<T, R> Future for Wait<T, R> {
    type Output = T;

    /// Wakes the task that polled last.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // YOURS
        let key = self.key.expect("a wait is not polled after Ready");
        // Cloned before the borrow begins: a waker's clone is caller-supplied code.
        let new = context.waker().clone();
        let mut waiters = self.queue.waiters.borrow_mut();
        if let Waiter::Waiting { waker, .. } = waiters.get_mut(key) {
            let older = waker.replace(new);
            // In this order: the older waker's destructor may use the queue.
            drop(waiters);
            drop(older);
            return Poll::Pending;
        }
        let chosen = waiters.remove(key);
        drop(waiters);
        self.key = None;
        match chosen {
            Waiter::Chosen(turn) => Poll::Ready(turn),
            Waiter::Waiting { .. } => unreachable!("it was chosen"),
        }
        // STUB: todo!("is it this waiter's turn?")
        // YOURS_END
    }
}

impl<T, R> Drop for Wait<T, R> {
    fn drop(&mut self) {
        // YOURS
        let Some(key) = self.key else { return };
        // Bound to a name, so that the borrow ends first: the turn's destructor hands it on, through this queue.
        let waiter = self.queue.waiters.borrow_mut().remove(key);
        drop(waiter);
        // STUB: // What does a waiter leave behind?
        // YOURS_END
    }
}
// ANCHOR_END: wait

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
