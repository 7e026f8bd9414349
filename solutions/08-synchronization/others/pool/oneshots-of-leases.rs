//! Keeps the line of `oneshot` senders, hands over leases, and goes on in a loop.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use std::time::Duration;

use event_loop::Timer;
use state_machines::{Winner, race};
use wakers::oneshot::{self, Sender};

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
    waiting: RefCell<std::collections::VecDeque<Sender<Lease<C>>>>,
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
                let (sender, receiver) = oneshot::channel();
                self.shared.enter(sender);
                receiver.await.expect("kept")
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

    /// Takes the last place in line. A line that is full is swept first: so a request costs the same on average, and the line is at
    /// most twice as long as there are requests that wait.
    fn enter(&self, sender: Sender<Lease<C>>) {
        let mut waiting = self.waiting.borrow_mut();
        if waiting.len() == waiting.capacity() {
            waiting.retain(|request| !request.is_closed());
            let room = waiting.len().max(4);
            waiting.reserve(room);
        }
        waiting.push_back(sender);
    }

    /// A connection comes back.
    fn take_back(self: &Rc<Self>, connection: C) {
        let mut lease = self.lease(connection);
        loop {
            let next = self.waiting.borrow_mut().pop_front();
            let Some(request) = next else {
                break self.idle.borrow_mut().extend(lease.connection.take());
            };
            match request.send(lease) {
                Ok(()) => break,
                Err(back) => lease = back,
            }
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
