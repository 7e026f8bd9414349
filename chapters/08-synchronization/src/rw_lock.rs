//! A lock that several readers share.

use std::cell::{Ref, RefCell, RefMut};
use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use crate::semaphore::{Acquire, Permit, Semaphore};

/// How many readers there may be: a writer takes all of their permits.
const READERS: usize = u32::MAX as usize;

/// A value that several tasks may read at the same time, or one task may change.
///
/// It is a [`Semaphore`] of many permits: a reader takes one, a writer takes all. The semaphore
/// serves its queue in order, so writers do not starve: a reader that comes after a waiting writer
/// waits behind it. That is also the trap. A task that reads, and reads again while a writer waits
/// in between, waits for itself.
///
/// ```
/// use event_loop::EventLoop;
/// use synchronization::RwLock;
///
/// let table = RwLock::new(vec![1]);
/// EventLoop::new().block_on(async {
///     {
///         let (one, other) = (table.read().await, table.read().await);
///         assert_eq!(one.len() + other.len(), 2);
///         assert!(table.try_write().is_none());
///     }
///     table.write().await.push(2);
/// });
/// assert_eq!(table.into_inner(), [1, 2]);
/// ```
// ANCHOR: lock
pub struct RwLock<T> {
    turns: Semaphore,
    /// Borrowed only by tasks that have permits: one to read, all of them to change.
    value: RefCell<T>,
}

impl<T> RwLock<T> {
    /// A lock that no task has locked.
    #[must_use]
    pub fn new(value: T) -> RwLock<T> {
        RwLock {
            turns: Semaphore::new(READERS),
            value: RefCell::new(value),
        }
    }

    /// A future of a guard that reads.
    pub fn read(&self) -> Read<'_, T> {
        Read {
            lock: self,
            turn: self.turns.acquire(),
        }
    }

    /// A future of a guard that changes the value.
    pub fn write(&self) -> Write<'_, T> {
        Write {
            lock: self,
            turn: self.turns.acquire_many(READERS),
        }
    }
    // ANCHOR_END: lock

    /// Locks for reading if no task writes and none waits.
    #[must_use]
    pub fn try_read(&self) -> Option<ReadGuard<'_, T>> {
        let turn = self.turns.try_acquire().ok()?;
        Some(self.read_guard(turn))
    }

    /// Locks for writing if no task reads or writes, and none waits.
    #[must_use]
    pub fn try_write(&self) -> Option<WriteGuard<'_, T>> {
        let turn = self.turns.try_acquire_many(READERS).ok()?;
        Some(self.write_guard(turn))
    }

    /// The value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }

    fn read_guard(&self, turn: Permit) -> ReadGuard<'_, T> {
        ReadGuard {
            value: self.value.borrow(),
            _turn: turn,
        }
    }

    fn write_guard(&self, turn: Permit) -> WriteGuard<'_, T> {
        WriteGuard {
            value: self.value.borrow_mut(),
            _turn: turn,
        }
    }
}

/// Reads the value of an [`RwLock`]. Dropping it returns one permit.
#[must_use = "dropping the guard unlocks"]
pub struct ReadGuard<'a, T> {
    // Fields are dropped in this order: the borrow ends before another task gets the permit.
    value: Ref<'a, T>,
    _turn: Permit,
}

/// Changes the value of an [`RwLock`]. Dropping it returns all permits.
#[must_use = "dropping the guard unlocks"]
pub struct WriteGuard<'a, T> {
    // As in `ReadGuard`: the borrow ends first.
    value: RefMut<'a, T>,
    _turn: Permit,
}

impl<T> Deref for ReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> Deref for WriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for WriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// See [`RwLock::read`].
///
/// # Cancel safety
///
/// Dropping it loses its place in the queue, and no permit.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "a future does nothing until it is polled"]
pub struct Read<'a, T> {
    lock: &'a RwLock<T>,
    turn: Acquire,
}

/// See [`RwLock::write`].
///
/// # Cancel safety
///
/// Dropping it loses its place in the queue, and no permit: readers that waited only for this writer
/// go on.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "a future does nothing until it is polled"]
pub struct Write<'a, T> {
    lock: &'a RwLock<T>,
    turn: Acquire,
}

const OPEN: &str = "the semaphore of a lock is never closed";

impl<'a, T> Future for Read<'a, T> {
    type Output = ReadGuard<'a, T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<ReadGuard<'a, T>> {
        let turn = ready!(Pin::new(&mut self.turn).poll(context)).expect(OPEN);
        Poll::Ready(self.lock.read_guard(turn))
    }
}

impl<'a, T> Future for Write<'a, T> {
    type Output = WriteGuard<'a, T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<WriteGuard<'a, T>> {
        let turn = ready!(Pin::new(&mut self.turn).poll(context)).expect(OPEN);
        Poll::Ready(self.lock.write_guard(turn))
    }
}

impl<T: fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = out.debug_struct("RwLock");
        match self.value.try_borrow() {
            Ok(value) => out.field("value", &&*value).finish(),
            Err(_) => out
                .field("value", &format_args!("<locked>"))
                .finish_non_exhaustive(),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for ReadGuard<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("ReadGuard").field(&&*self.value).finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for WriteGuard<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("WriteGuard").field(&&*self.value).finish()
    }
}

impl<T> fmt::Debug for Read<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Read").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Write<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Write").finish_non_exhaustive()
    }
}
