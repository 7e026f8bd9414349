//! A lock whose guard a task may keep across an `.await`.

use std::cell::{RefCell, RefMut};
use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::semaphore::{Acquire, Permit, Semaphore};
use crate::wait_graph::{Edge, Resource};
use event_loop::leaf::waits_for;

/// A value that one task at a time may use, also while that task is suspended.
///
/// A mutex is a [`Semaphore`] with one permit, and a value. Tasks get the lock in the order in which
/// they first polled [`lock`](Mutex::lock); a late [`try_lock`](Mutex::try_lock) overtakes none of
/// them. A task that locks a mutex twice waits for itself, forever.
///
/// Between two `.await`s no other task of the loop runs, so such a piece of code needs no lock. A
/// `RefCell` is enough there, and costs less.
///
/// ```
/// use event_loop::EventLoop;
/// use synchronization::Mutex;
///
/// let account = Mutex::new(100);
/// EventLoop::new().block_on(async {
///     let mut balance = account.lock().await;
///     let before = *balance;
///     event_loop::yield_now().await; // Another task may run, but it cannot lock.
///     *balance = before - 30;
///     assert!(account.try_lock().is_none());
/// });
/// assert_eq!(account.into_inner(), 70);
/// ```
// ANCHOR: mutex
pub struct Mutex<T> {
    turn: Semaphore,
    /// Borrowed only by the task that has the permit.
    value: RefCell<T>,
    resource: Resource,
}
// ANCHOR_END: mutex

impl<T> Mutex<T> {
    /// A mutex that is not locked.
    #[must_use]
    pub fn new(value: T) -> Mutex<T> {
        Mutex::named("a mutex", value)
    }

    /// The same, with a name in the [graph of who waits for whom](crate::WaitGraph).
    #[must_use]
    pub fn named(name: &str, value: T) -> Mutex<T> {
        Mutex {
            turn: Semaphore::new(1),
            value: RefCell::new(value),
            resource: Resource::new(name),
        }
    }

    // ANCHOR: lock
    /// A future of the [`Guard`], through which the task uses the value.
    pub fn lock(&self) -> Lock<'_, T> {
        Lock {
            mutex: self,
            turn: self.turn.acquire(),
            waits: None,
        }
    }

    // ANCHOR_END: lock
    /// Locks the mutex if no task has locked it and none waits.
    #[must_use]
    pub fn try_lock(&self) -> Option<Guard<'_, T>> {
        let turn = self.turn.try_acquire().ok()?;
        Some(self.guard(turn))
    }

    /// The value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    fn guard(&self, turn: Permit) -> Guard<'_, T> {
        Guard {
            value: self.value.borrow_mut(),
            mutex: self,
            _held: self.resource.held(),
            _turn: turn,
        }
    }
}

// ANCHOR: guard
/// The value of a locked [`Mutex`]. Dropping it unlocks the mutex, also when a panic unwinds.
#[must_use = "dropping the guard unlocks the mutex"]
pub struct Guard<'a, T> {
    // Fields are dropped in this order: the borrow ends before another task gets the permit.
    value: RefMut<'a, T>,
    mutex: &'a Mutex<T>,
    _held: Edge,
    _turn: Permit,
}
// ANCHOR_END: guard

impl<'a, T> Guard<'a, T> {
    /// The mutex that this guard has locked.
    #[must_use]
    pub fn mutex(guard: &Guard<'a, T>) -> &'a Mutex<T> {
        guard.mutex
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// See [`Mutex::lock`].
///
/// # Cancel safety
///
/// Dropping it loses its place in the queue. If it had been given the lock already, the next task
/// gets it.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "a future does nothing until it is polled"]
pub struct Lock<'a, T> {
    mutex: &'a Mutex<T>,
    turn: Acquire,
    /// What the task that polled last is reported to wait for.
    waits: Option<Edge>,
}

impl<'a, T> Future for Lock<'a, T> {
    type Output = Guard<'a, T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Guard<'a, T>> {
        self.waits = None;
        let mutex = self.mutex;
        let turn = Pin::new(&mut self.turn);
        let Poll::Ready(turn) = waits_for(|| mutex.resource.wait(), || turn.poll(context)) else {
            self.waits = Some(self.mutex.resource.waits());
            return Poll::Pending;
        };
        let turn = turn.expect("the semaphore of a mutex is never closed");
        Poll::Ready(self.mutex.guard(turn))
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Mutex<T> {
        Mutex::new(T::default())
    }
}

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = out.debug_struct("Mutex");
        match self.value.try_borrow() {
            Ok(value) => out.field("value", &&*value).finish(),
            Err(_) => out
                .field("value", &format_args!("<locked>"))
                .finish_non_exhaustive(),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Guard<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Guard").field(&&*self.value).finish()
    }
}

impl<T> fmt::Debug for Lock<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Lock").finish_non_exhaustive()
    }
}
