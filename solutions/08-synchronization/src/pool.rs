//! Debug this program.
//! Requests share a few database connections. A request that waits too long for one is refused, and
//! its `acquire` is dropped. After some hours under load every request is refused, and no request has
//! a connection.

use std::cell::RefCell;
// YOURS
// STUB: use std::collections::VecDeque;
// YOURS_END
use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use std::time::Duration;

use event_loop::Timer;
use state_machines::{Winner, race};
// YOURS
use synchronization::WaitQueue;
// STUB: use wakers::oneshot::{self, Sender};
// YOURS_END

/// Some connections, which requests borrow one at a time. A clone is the same pool.
///
/// Each connection of the pool is always in one of three places: idle in the pool, in a [`Lease`], or
/// on its way to a request that was woken for it. It belongs to the pool also if a request is
/// cancelled, at any moment. It is dropped when the pool and all leases are.
///
/// The pool calls no waker and drops no caller-supplied value while it is borrowed: a woken request may
/// use the pool inside `wake`.
pub struct Pool<C> {
    shared: Rc<Shared<C>>,
}

struct Shared<C> {
    idle: RefCell<Vec<C>>,
    // YOURS
    /// Requests that wait. As long as there are any, no connection is idle. The turn is a lease: its
    /// destructor returns the connection, wherever it is dropped.
    waiting: WaitQueue<Lease<C>>,
    // STUB: waiting: RefCell<VecDeque<Sender<C>>>,
    // YOURS_END
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
                // YOURS
                waiting: WaitQueue::new(),
                // STUB: waiting: RefCell::default(),
                // YOURS_END
            }),
        }
    }

    /// Borrows a connection. If none is idle, waits in line: a connection that comes back is handed to the
    /// request that has waited longest, counted from its first poll, and no later request gets it first. One
    /// connection that comes back wakes one request.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it leaves the line at once, and no memory of it is kept; or its connection goes to the next
    /// request.
    pub async fn acquire(&self) -> Lease<C> {
        let idle = self.shared.idle.borrow_mut().pop();
        // YOURS
        match idle {
            Some(connection) => self.shared.lease(connection),
            None => self.shared.waiting.wait(()).await,
        }
        // STUB: let connection = match idle {
        // STUB:     Some(connection) => connection,
        // STUB:     None => {
        // STUB:         let (sender, receiver) = oneshot::channel();
        // STUB:         self.shared.waiting.borrow_mut().push_back(sender);
        // STUB:         receiver.await.expect("the pool keeps the other half")
        // STUB:     }
        // STUB: };
        // STUB: self.shared.lease(connection)
        // YOURS_END
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

    // ANCHOR: take_back
    /// A connection comes back.
    fn take_back(self: &Rc<Self>, connection: C) {
        // YOURS
        if self.waiting.is_empty() {
            self.idle.borrow_mut().push(connection);
        } else {
            let handed = self.waiting.hand_over(self.lease(connection));
            debug_assert!(handed.is_ok(), "a request waits");
        }
        // STUB: let next = self.waiting.borrow_mut().pop_front();
        // STUB: match next {
        // STUB:     Some(request) => drop(request.send(connection)),
        // STUB:     None => self.idle.borrow_mut().push(connection),
        // STUB: }
        // YOURS_END
    }
    // ANCHOR_END: take_back
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
