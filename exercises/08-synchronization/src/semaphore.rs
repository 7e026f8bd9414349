//! Permits: how many tasks may do something at the same time. Safe code is enough: `unsafe` does not
//! compile here.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use synchronization::WaitQueue;

/// A number of permits. A task that has none waits until another task returns one.
///
/// Tasks get their permits in the order of their first polls. The number that each asks for does not
/// matter. As long as a task waits, a later one gets nothing, also if enough permits for it are free:
/// otherwise many small requests would starve a large one. A returned permit is handed to the first
/// task in the queue, which owns it from then on. The task does not have to compete for it.
///
/// The semaphore counts three kinds of permits: free ones, those inside a [`Permit`], and those that
/// were handed to a task which has not polled since. Their sum changes in two ways only:
/// [`Permit::forget`] takes permits away, and [`release`](Semaphore::release) adds some.
///
/// A clone is the same semaphore. No waker is called, cloned or dropped while the semaphore is
/// borrowed.
///
/// ```
/// use futures::FutureExt;
/// use synchronization::Semaphore;
///
/// let semaphore = Semaphore::new(5);
/// let four = semaphore.try_acquire_many(4).unwrap();
/// let mut three = semaphore.acquire_many(3);
/// assert!((&mut three).now_or_never().is_none());
/// assert!(semaphore.try_acquire().is_err()); // One is free, but a task waits.
/// drop(four);
/// assert!(three.now_or_never().unwrap().is_ok());
/// assert_eq!(semaphore.available(), 5);
/// ```
#[derive(Clone)]
pub struct Semaphore {
    shared: Rc<Shared>,
}

struct Shared {
    free: Cell<usize>, // Yours to complete, or to replace.
    queue: WaitQueue<Permit, usize>,
}

/// Why a future of permits has none: the semaphore was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// Why [`try_acquire`](Semaphore::try_acquire) has no permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Too few permits are free, or another task waits.
    NoPermits,
    /// The semaphore was closed.
    Closed,
}

/// More permits were released than the semaphore may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

impl Semaphore {
    /// A semaphore with `permits` free permits, and without a limit for [`release`](Self::release).
    #[must_use]
    pub fn new(permits: usize) -> Semaphore {
        Semaphore::with_limit(permits, usize::MAX)
    }

    /// A semaphore with `permits` free permits that never has more: asyncio's `BoundedSemaphore`.
    #[must_use]
    pub fn bounded(permits: usize) -> Semaphore {
        Semaphore::with_limit(permits, permits)
    }

    fn with_limit(permits: usize, limit: usize) -> Semaphore {
        let _ = limit;
        let shared = Shared {
            free: Cell::new(permits),
            queue: WaitQueue::new(),
        };
        Semaphore {
            shared: Rc::new(shared),
        }
    }

    /// How many permits are free. Those that were handed to a task are not.
    #[must_use]
    pub fn available(&self) -> usize {
        todo!("how many are free?")
    }

    /// How many tasks wait and have not been handed their permits.
    #[must_use]
    pub fn waiting(&self) -> usize {
        todo!("how many wait?")
    }

    /// Takes one permit. See [`try_acquire_many`](Self::try_acquire_many).
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_acquire(&self) -> Result<Permit, Refused> {
        self.try_acquire_many(1)
    }

    /// Takes `count` permits if no task waits and that many are free. This holds for 0 as well: it
    /// takes nothing, and does not overtake a task that waits.
    ///
    /// # Errors
    ///
    /// [`Refused`], and takes nothing. A closed semaphore says `Closed`, also if permits are free.
    pub fn try_acquire_many(&self, count: usize) -> Result<Permit, Refused> {
        todo!("is it this caller's turn, and are there enough?")
    }

    /// A future of one permit. See [`acquire_many`](Self::acquire_many).
    pub fn acquire(&self) -> Acquire {
        self.acquire_many(1)
    }

    /// A future of `count` permits, taken together. At its first poll it takes them if
    /// [`try_acquire_many`](Self::try_acquire_many) would, and otherwise enters the queue. Before
    /// its first poll it does nothing.
    ///
    /// # Panics
    ///
    /// In the call, if the semaphore is [bounded](Self::bounded) and may never have that many permits.
    pub fn acquire_many(&self, count: usize) -> Acquire {
        Acquire {
            semaphore: self.clone(),
            count,
            // Yours to complete.
        }
    }

    /// Adds `count` permits. They go to the tasks that wait, in their order, as far as they reach.
    ///
    /// Code that holds a [`Permit`] returns it by dropping it, and needs no `release`.
    ///
    /// # Errors
    ///
    /// [`TooMany`] if the sum of all permits would exceed the limit, or `usize::MAX`. Nothing is
    /// added then.
    pub fn release(&self, count: usize) -> Result<(), TooMany> {
        todo!("how many permits would there be?")
    }

    /// Refuses every task that waits, and every later `acquire`, with [`Closed`]. A task that was
    /// handed its permits before, and has not polled since, still gets them. Permits that are out
    /// stay valid. Closing twice is as closing once.
    pub fn close(&self) {
        todo!("which tasks wait?")
    }

    /// Whether the semaphore was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        todo!("was it closed?")
    }
}

/// Permits of a [`Semaphore`]. Dropping them returns them, and hands them to the tasks that wait.
#[must_use = "dropping a permit returns it"]
pub struct Permit {
    semaphore: Semaphore,
    count: usize,
}

impl Permit {
    /// How many permits these are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Takes these permits away from the semaphore: it has fewer from now on, until
    /// [`release`](Semaphore::release) adds some. Hands out none.
    pub fn forget(self) {
        todo!("how many permits are left?")
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        // What becomes of the permits?
    }
}

/// See [`Semaphore::acquire_many`]. Wakes the task that polled it last, once: when its permits were
/// handed to it, or when it was refused.
///
/// # Cancel safety
///
/// Dropping it loses no permit. A waiting task leaves the queue; if it was the first, and a later
/// one asks for less, that one gets its permits now. A task that was handed its permits and has not
/// polled since returns them, and they go to the tasks that wait.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "a future does nothing until it is polled"]
pub struct Acquire {
    semaphore: Semaphore,
    count: usize,
    // Yours to complete.
}

impl Future for Acquire {
    type Output = Result<Permit, Closed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        todo!("take the permits, or wait for them")
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the semaphore was closed")
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::NoPermits => out.write_str("too few permits are free, or another task waits"),
            Refused::Closed => Closed.fmt(out),
        }
    }
}

impl fmt::Display for TooMany {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the semaphore was released too often")
    }
}

impl std::error::Error for Closed {}
impl std::error::Error for Refused {}
impl std::error::Error for TooMany {}

impl fmt::Debug for Semaphore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Semaphore")
            .field("available", &self.available())
            .field("waiting", &self.waiting())
            .finish()
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Permit")
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Acquire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Acquire")
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
