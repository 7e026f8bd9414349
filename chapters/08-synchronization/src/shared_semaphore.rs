//! A semaphore that tasks on any thread share.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::sync::{Mutex, MutexGuard, PoisonError};
use synchronization::semaphore::{Closed, Refused};

/// The thread-safe form of [`Semaphore`](crate::Semaphore): the same hand-off, under a lock. A clone
/// is the same semaphore.
///
/// No waker is called, cloned or dropped under the lock.
///
/// ```
/// use synchronization::SharedSemaphore;
///
/// let semaphore = SharedSemaphore::new(1);
/// let permit = semaphore.try_acquire_many(1).unwrap();
/// let other = semaphore.clone();
/// let thread = std::thread::spawn(move || wakers::block_on(other.acquire()).is_ok());
/// drop(permit);
/// assert!(thread.join().unwrap());
/// ```
#[derive(Clone)]
pub struct SharedSemaphore {
    shared: Arc<Mutex<State>>,
}

struct State {
    free: usize,
    closed: bool,
    next_ticket: u64,
    /// The waiting tasks. The smallest ticket has waited longest.
    waiting: BTreeMap<u64, Waiting>,
    /// The tasks that own their permits and have not polled since.
    granted: BTreeMap<u64, usize>,
}

struct Waiting {
    count: usize,
    waker: Waker,
}

impl SharedSemaphore {
    /// A semaphore with `permits` free permits.
    #[must_use]
    pub fn new(permits: usize) -> SharedSemaphore {
        SharedSemaphore {
            shared: Arc::new(Mutex::new(State {
                free: permits,
                closed: false,
                next_ticket: 0,
                waiting: BTreeMap::new(),
                granted: BTreeMap::new(),
            })),
        }
    }

    /// How many permits are free.
    #[must_use]
    pub fn available(&self) -> usize {
        self.state().free
    }

    /// Takes `count` permits if no task waits and that many are free.
    ///
    /// # Errors
    ///
    /// [`Refused`], and takes nothing.
    pub fn try_acquire_many(&self, count: usize) -> Result<SharedPermit, Refused> {
        self.state().try_take(count)?;
        Ok(self.permit(count))
    }

    /// A future of one permit. See [`acquire_many`](SharedSemaphore::acquire_many).
    pub fn acquire(&self) -> SharedAcquire {
        self.acquire_many(1)
    }

    /// A future of `count` permits, taken together. Tasks get theirs in the order of their first
    /// polls.
    pub fn acquire_many(&self, count: usize) -> SharedAcquire {
        SharedAcquire {
            semaphore: self.clone(),
            count,
            stage: Stage::New,
        }
    }

    /// Refuses every task that waits, and every later one. Permits that are out stay valid.
    pub fn close(&self) {
        let refused = {
            let mut state = self.state();
            state.closed = true;
            std::mem::take(&mut state.waiting)
        };
        for waiting in refused.into_values() {
            waiting.waker.wake();
        }
    }

    fn permit(&self, count: usize) -> SharedPermit {
        SharedPermit {
            semaphore: self.clone(),
            count,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns permits, and wakes the tasks that get theirs now.
    fn give_back(&self, count: usize) {
        let woken = {
            let mut state = self.state();
            state.free += count;
            state.hand_out()
        };
        woken.into_iter().for_each(Waker::wake);
    }
}

impl State {
    fn try_take(&mut self, count: usize) -> Result<(), Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        if !self.waiting.is_empty() || count > self.free {
            return Err(Refused::NoPermits);
        }
        self.free -= count;
        Ok(())
    }

    /// Gives the first tasks in the queue their permits, as far as these go.
    fn hand_out(&mut self) -> Vec<Waker> {
        let mut woken = Vec::new();
        while let Some(first) = self.waiting.first_entry() {
            if first.get().count > self.free {
                break;
            }
            let (ticket, Waiting { count, waker }) = first.remove_entry();
            self.free -= count;
            self.granted.insert(ticket, count);
            woken.push(waker);
        }
        woken
    }
}

/// Permits of a [`SharedSemaphore`]. Dropping them returns them.
#[must_use = "dropping a permit returns it"]
pub struct SharedPermit {
    semaphore: SharedSemaphore,
    count: usize,
}

impl Drop for SharedPermit {
    fn drop(&mut self) {
        self.semaphore.give_back(self.count);
    }
}

/// See [`SharedSemaphore::acquire_many`]. Wakes the task that polled it last.
///
/// # Cancel safety
///
/// Dropping it loses its place in the queue and no permit.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "a future does nothing until it is polled"]
pub struct SharedAcquire {
    semaphore: SharedSemaphore,
    count: usize,
    stage: Stage,
}

#[derive(Clone, Copy)]
enum Stage {
    New,
    /// In the queue, granted or refused, under this ticket.
    Waits(u64),
    Done,
}

impl Future for SharedAcquire {
    type Output = Result<SharedPermit, Closed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Cloned before the lock is taken, and dropped after it: a waker is caller-supplied code.
        let waker = context.waker().clone();
        let semaphore = self.semaphore.clone();
        let mut state = semaphore.state();
        let outcome = match self.stage {
            Stage::New => match state.try_take(self.count) {
                Ok(()) => Ok(()),
                Err(Refused::Closed) => Err(Closed),
                Err(Refused::NoPermits) => {
                    self.stage = Stage::Waits(state.join(self.count, waker));
                    return Poll::Pending;
                }
            },
            Stage::Waits(ticket) if state.granted.remove(&ticket).is_some() => Ok(()),
            Stage::Waits(ticket) => match state.waiting.get_mut(&ticket) {
                Some(waiting) => {
                    let older = std::mem::replace(&mut waiting.waker, waker);
                    drop(state);
                    drop(older);
                    return Poll::Pending;
                }
                None => Err(Closed),
            },
            Stage::Done => {
                drop(state);
                panic!("`SharedAcquire` was polled after it was ready");
            }
        };
        drop(state);
        self.stage = Stage::Done;
        Poll::Ready(outcome.map(|()| semaphore.permit(self.count)))
    }
}

impl State {
    fn join(&mut self, count: usize, waker: Waker) -> u64 {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.waiting.insert(ticket, Waiting { count, waker });
        ticket
    }
}

impl Drop for SharedAcquire {
    fn drop(&mut self) {
        let Stage::Waits(ticket) = self.stage else {
            return;
        };
        let (left, woken) = {
            let mut state = self.semaphore.state();
            let left = state.waiting.remove(&ticket);
            state.free += state.granted.remove(&ticket).unwrap_or(0);
            // A task that leaves the front may have been the one that asked for too much.
            (left, state.hand_out())
        };
        drop(left);
        woken.into_iter().for_each(Waker::wake);
    }
}

impl fmt::Debug for SharedSemaphore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SharedSemaphore")
            .field("available", &self.available())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SharedPermit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SharedPermit")
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SharedAcquire {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SharedAcquire")
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
