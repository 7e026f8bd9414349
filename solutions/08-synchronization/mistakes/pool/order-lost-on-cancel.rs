//! Keeps the line in a vector, and fills the gap of a cancelled request with the last one.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use event_loop::Timer;
use state_machines::{Winner, race};

/// Some connections, which requests borrow one at a time. A clone is the same pool.
///
/// Each connection of the pool is always in one of three places: idle in the pool, in a [`Lease`], or
/// on its way to a request that was woken for it. It belongs to the pool also if a request is
/// cancelled at any moment. It is dropped when the pool and all leases are.
///
/// The pool calls no waker and drops no caller-supplied value while it is borrowed: a woken request may
/// use the pool inside `wake`.
pub struct Pool<C> {
    shared: Rc<Shared<C>>,
}

struct Shared<C> {
    idle: RefCell<Vec<C>>,
    /// Requests that wait. As long as there are any, no connection is idle. The turn is a lease: its
    /// destructor returns the connection, wherever it is dropped.
    waiting: RefCell<Vec<(u64, Option<Waker>)>>,
    handed: RefCell<Vec<(u64, Lease<C>)>>,
    next: Cell<u64>,
}

/// No connection was free in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedOut;

impl<C> Pool<C> {
    /// A pool of these connections, all idle.
    #[must_use]
    pub fn new(connections: Vec<C>) -> Pool<C> {
        Pool {
            shared: Rc::new(Shared {
                idle: RefCell::new(connections),
                waiting: RefCell::default(),
                handed: RefCell::default(),
                next: Cell::new(0),
            }),
        }
    }

    /// Borrows a connection. If none is idle, waits in line: a connection that comes back is handed to the
    /// request that has waited longest, counted from its first poll, and no later request gets it first. One
    /// connection that comes back wakes one request.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it leaves the line, or its connection goes to the next request.
    pub async fn acquire(&self) -> Lease<C> {
        let idle = self.shared.idle.borrow_mut().pop();
        match idle {
            Some(connection) => self.shared.lease(connection),
            None => {
                let key = self.shared.next.get();
                self.shared.next.set(key + 1);
                self.shared.waiting.borrow_mut().push((key, None));
                let place = Place {
                    shared: Rc::clone(&self.shared),
                    key,
                };
                poll_fn(|context| {
                    if let Some(lease) = place.handed() {
                        return Poll::Ready(lease);
                    }
                    let waker = context.waker().clone();
                    let mut waiting = place.shared.waiting.borrow_mut();
                    let entry = waiting.iter_mut().find(|(key, _)| *key == place.key);
                    let older = entry.and_then(|(_, kept)| kept.replace(waker));
                    drop(waiting);
                    drop(older);
                    Poll::Pending
                })
                .await
            }
        }
    }

    /// As [`acquire`](Pool::acquire), for at most this long. If both happen at the same moment, the
    /// request gets the connection.
    ///
    /// # Errors
    ///
    /// If no connection was free in time.
    pub async fn acquire_within<T: Timer>(
        &self,
        timer: &T,
        time: Duration,
    ) -> Result<Lease<C>, TimedOut> {
        let acquire = Box::pin(self.acquire());
        match race(acquire, timer.sleep(time)).await {
            Winner::First(lease) => Ok(lease),
            Winner::Second(()) => Err(TimedOut),
        }
    }

    /// The number of connections that are idle.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.shared.idle.borrow().len()
    }
}

impl<C> Shared<C> {
    fn lease(self: &Rc<Self>, connection: C) -> Lease<C> {
        Lease {
            connection: Some(connection),
            shared: Rc::clone(self),
        }
    }

    /// A connection comes back.
    fn take_back(self: &Rc<Self>, connection: C) {
        let lease = self.lease(connection);
        if self.waiting.borrow().is_empty() {
            let mut lease = lease;
            return self.idle.borrow_mut().extend(lease.connection.take());
        }
        let (key, waker) = self.waiting.borrow_mut().remove(0);
        self.handed.borrow_mut().push((key, lease));
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A borrowed connection. Dropping it returns the connection to the pool.
#[must_use = "dropping it returns the connection"]
pub struct Lease<C> {
    /// Taken by the destructor.
    connection: Option<C>,
    shared: Rc<Shared<C>>,
}

impl<C> Drop for Lease<C> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.shared.take_back(connection);
        }
    }
}

impl<C> Deref for Lease<C> {
    type Target = C;

    fn deref(&self) -> &C {
        self.connection
            .as_ref()
            .expect("only the destructor takes it")
    }
}

impl<C> DerefMut for Lease<C> {
    fn deref_mut(&mut self) -> &mut C {
        self.connection
            .as_mut()
            .expect("only the destructor takes it")
    }
}

impl<C> Clone for Pool<C> {
    fn clone(&self) -> Pool<C> {
        Pool {
            shared: Rc::clone(&self.shared),
        }
    }
}

struct Place<C> {
    shared: Rc<Shared<C>>,
    key: u64,
}

impl<C> Place<C> {
    fn handed(&self) -> Option<Lease<C>> {
        let mut handed = self.shared.handed.borrow_mut();
        let at = handed.iter().position(|(key, _)| *key == self.key)?;
        Some(handed.remove(at).1)
    }
}

// ANCHOR: mistake
impl<C> Drop for Place<C> {
    fn drop(&mut self) {
        let handed = self.handed();
        drop(handed);
        let mut waiting = self.shared.waiting.borrow_mut();
        if let Some(at) = waiting.iter().position(|(key, _)| *key == self.key) {
            let gone = waiting.swap_remove(at);
            drop(waiting);
            drop(gone);
        }
    }
}
// ANCHOR_END: mistake
