//! A limited number of connections that tasks share.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;
use std::time::Duration;

use event_loop::Timer;
use state_machines::{Winner, race};
use synchronization::wait_graph::{Edge, Resource};
use synchronization::{Permit, Semaphore};

/// Makes the connections of a [`Pool`], and tells those that can be used again from the others.
pub trait Connector {
    /// What is shared.
    type Connection;
    /// Why no connection could be made.
    type Error;

    /// Makes a connection. The pool drops the future if the task that waits for it is cancelled.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection, Self::Error>>;

    /// Whether this connection must not be used again. The pool asks when a task returns it, and
    /// again before another task gets it.
    fn is_broken(&self, connection: &mut Self::Connection) -> bool;
}

/// At most `limit` connections, which tasks borrow one at a time. A clone is the same pool.
///
/// A task that finds no connection free waits in order. A returned connection is kept for the next
/// task, unless it is broken: then the next task makes a new one in its place. A task that is cancelled
/// costs the pool nothing, wherever it is: in the queue, while it connects, or while it has a
/// connection.
///
/// ```
/// use std::cell::Cell;
/// use std::convert::Infallible;
/// use futures::FutureExt;
/// use synchronization::Pool;
/// use synchronization::pool::Connector;
///
/// struct Numbers(Cell<u32>);
///
/// impl Connector for Numbers {
///     type Connection = u32;
///     type Error = Infallible;
///
///     async fn connect(&self) -> Result<u32, Infallible> {
///         self.0.set(self.0.get() + 1);
///         Ok(self.0.get())
///     }
///
///     fn is_broken(&self, number: &mut u32) -> bool {
///         *number == 0
///     }
/// }
///
/// let pool = Pool::new(1, Numbers(Cell::new(0)));
/// let mut first = pool.acquire().now_or_never().unwrap().unwrap();
/// assert_eq!(*first, 1);
/// assert!(pool.acquire().now_or_never().is_none());
/// *first = 0; // It is broken now.
/// drop(first);
/// assert_eq!(*pool.acquire().now_or_never().unwrap().unwrap(), 2);
/// ```
// ANCHOR: pool
pub struct Pool<C: Connector> {
    shared: Rc<Shared<C>>,
}

struct Shared<C: Connector> {
    connector: C,
    limit: usize,
    /// The queue of tasks that wait for a connection: a permit for each.
    permits: Semaphore,
    /// One permit for each connection that is borrowed or being made. [`Pool::close`] takes them all.
    borrowed: Semaphore,
    idle: RefCell<Vec<C::Connection>>,
    resource: Resource,
}
// ANCHOR_END: pool

/// Why a task has no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcquireError<E> {
    /// The pool was closed.
    Closed,
    /// The time was over before a connection was free, or made.
    TimedOut,
    /// It could not be made.
    Connect(E),
}

impl<C: Connector> Pool<C> {
    /// A pool without connections. They are made when a task asks for one and none is idle.
    ///
    /// # Panics
    ///
    /// If the limit is 0.
    pub fn new(limit: usize, connector: C) -> Pool<C> {
        Pool::named("a pool", limit, connector)
    }

    /// A pool that a [`WaitGraph`](crate::WaitGraph) shows under this name: a task that has a
    /// connection holds it.
    ///
    /// # Panics
    ///
    /// If the limit is 0.
    pub fn named(name: &str, limit: usize, connector: C) -> Pool<C> {
        assert!(limit > 0, "a pool needs room for one connection");
        Pool {
            shared: Rc::new(Shared {
                connector,
                limit,
                permits: Semaphore::new(limit),
                borrowed: Semaphore::new(limit),
                idle: RefCell::default(),
                resource: Resource::new(name),
            }),
        }
    }

    /// Borrows a connection: an idle one, or a new one. Waits in order while `limit` are borrowed.
    ///
    /// # Errors
    ///
    /// If the pool was closed, or is closed while this waits; or if the connection could not be made.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it leaves the queue, or gives its place in the pool to the next task.
    // ANCHOR: acquire
    pub async fn acquire(&self) -> Result<Borrowed<C>, AcquireError<C::Error>> {
        let waits = self.shared.resource.waits();
        let permit = self.shared.permits.acquire().await;
        drop(waits);
        let permit = permit.map_err(|_closed| AcquireError::Closed)?;
        let place = self.place(permit).ok_or(AcquireError::Closed)?;
        while let Some(mut connection) = self.pop_idle() {
            if !self.shared.connector.is_broken(&mut connection) {
                return Ok(place.with(connection));
            }
        }
        let made = self.shared.connector.connect().await;
        let connection = made.map_err(AcquireError::Connect)?;
        if self.is_closed() {
            return Err(AcquireError::Closed);
        }
        Ok(place.with(connection))
    }
    // ANCHOR_END: acquire

    /// As [`acquire`](Pool::acquire), for at most this long.
    ///
    /// # Errors
    ///
    /// As for `acquire`, and [`AcquireError::TimedOut`]. If both happen at the same moment, the task
    /// gets the connection.
    pub async fn acquire_within<T: Timer>(
        &self,
        timer: &T,
        time: Duration,
    ) -> Result<Borrowed<C>, AcquireError<C::Error>> {
        let acquire = Box::pin(self.acquire());
        match race(acquire, timer.sleep(time)).await {
            Winner::First(acquired) => acquired,
            Winner::Second(()) => Err(AcquireError::TimedOut),
        }
    }

    /// Closes the pool: drops the idle connections, refuses the tasks that wait, and completes when
    /// all borrowed connections are returned. They are dropped then. The pool is closed in this call,
    /// also if the future is never polled.
    // ANCHOR: close
    pub fn close(&self) -> impl Future<Output = ()> + use<C> {
        let shared = Rc::clone(&self.shared);
        shared.permits.close();
        let idle = shared.idle.take();
        drop(idle);
        async move {
            let all = shared.borrowed.acquire_many(shared.limit).await;
            drop(all);
        }
    }
    // ANCHOR_END: close

    /// Whether the pool was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.permits.is_closed()
    }

    /// The number of connections that no task has.
    #[must_use]
    pub fn idle(&self) -> usize {
        self.shared.idle.borrow().len()
    }

    /// The number of connections that tasks have, or are making.
    #[must_use]
    pub fn borrowed(&self) -> usize {
        self.shared.limit - self.shared.borrowed.available()
    }

    fn pop_idle(&self) -> Option<C::Connection> {
        // The latest: those below it have had the time to grow old, and are closed first by the peer.
        self.shared.idle.borrow_mut().pop()
    }

    /// `None` if the pool was closed after the permit was handed over.
    fn place(&self, permit: Permit) -> Option<Place<C>> {
        if self.is_closed() {
            return None;
        }
        let borrowed = self.shared.borrowed.try_acquire();
        Some(Place {
            shared: Rc::clone(&self.shared),
            _held: self.shared.resource.held(),
            _borrowed: borrowed.expect("there are as many as permits"),
            _permit: permit,
        })
    }
}

/// One of the pool's `limit` places. Its fields are dropped in this order: the next task is woken last.
struct Place<C: Connector> {
    shared: Rc<Shared<C>>,
    _held: Edge,
    _borrowed: Permit,
    _permit: Permit,
}

impl<C: Connector> Place<C> {
    fn with(self, connection: C::Connection) -> Borrowed<C> {
        Borrowed {
            connection: Some(connection),
            place: self,
        }
    }
}

/// A connection, borrowed from a [`Pool`]. Dropping it returns it.
#[must_use = "dropping it returns the connection"]
pub struct Borrowed<C: Connector> {
    /// Taken by the destructor.
    connection: Option<C::Connection>,
    place: Place<C>,
}

// ANCHOR: return
impl<C: Connector> Drop for Borrowed<C> {
    fn drop(&mut self) {
        let Shared {
            connector,
            permits,
            idle,
            ..
        } = &*self.place.shared;
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        if !permits.is_closed() && !connector.is_broken(&mut connection) {
            idle.borrow_mut().push(connection);
        }
        // After this the place is dropped, which hands it to the next task.
    }
}
// ANCHOR_END: return

impl<C: Connector> Deref for Borrowed<C> {
    type Target = C::Connection;

    fn deref(&self) -> &C::Connection {
        self.connection.as_ref().expect("it is taken when dropped")
    }
}

impl<C: Connector> DerefMut for Borrowed<C> {
    fn deref_mut(&mut self) -> &mut C::Connection {
        self.connection.as_mut().expect("it is taken when dropped")
    }
}

impl<C: Connector> Clone for Pool<C> {
    fn clone(&self) -> Pool<C> {
        Pool {
            shared: Rc::clone(&self.shared),
        }
    }
}

impl<E: fmt::Display> fmt::Display for AcquireError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AcquireError::Closed => out.write_str("the pool is closed"),
            AcquireError::TimedOut => out.write_str("no connection was free in time"),
            AcquireError::Connect(error) => write!(out, "the connection failed: {error}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for AcquireError<E> {}

impl<C: Connector> fmt::Debug for Pool<C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pool")
            .field("idle", &self.idle())
            .field("borrowed", &self.borrowed())
            .finish_non_exhaustive()
    }
}

impl<C: Connector> fmt::Debug for Borrowed<C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Borrowed")
    }
}
