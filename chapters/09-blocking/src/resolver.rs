//! Names become addresses on threads of their own, and each name is asked for once at a time.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::rc::Rc;
use std::sync::Arc;

use crate::single_flight::SingleFlight;
use crate::thread_pool::{JobError, Limits, ThreadPool};

/// Looks up addresses with the system's `getaddrinfo`, which blocks, on threads that do nothing else.
///
/// Callers that want the same name at the same time share one look-up. No answer is kept.
///
/// ```
/// use blocking::{Limits, Resolver};
/// use std::time::Duration;
///
/// let limits = Limits { threads: 2, idle: Duration::from_secs(10) };
/// let resolver = Resolver::new(limits);
/// let addresses = wakers::block_on(resolver.resolve("127.0.0.1", 80)).unwrap();
/// assert_eq!(addresses, ["127.0.0.1:80".parse().unwrap()]);
/// ```
pub struct Resolver {
    pool: Rc<ThreadPool>,
    flights: SingleFlight<String, Result<Vec<SocketAddr>, Unresolved>>,
    look_up: LookUp,
}

/// What a thread calls: the name and the port, with a colon between them.
type LookUp = fn(&str) -> io::Result<Vec<SocketAddr>>;

/// Why a name has no address. Every caller of the look-up receives a clone.
#[derive(Debug, Clone)]
pub struct Unresolved {
    name: String,
    error: Arc<io::Error>,
}

impl Resolver {
    /// A resolver with a pool of its own.
    #[must_use]
    pub fn new(limits: Limits) -> Resolver {
        Resolver::with(limits, |name| name.to_socket_addrs().map(Iterator::collect))
    }

    /// The same with another function than the system's, for tests.
    #[must_use]
    pub fn with(limits: Limits, look_up: LookUp) -> Resolver {
        Resolver {
            pool: Rc::new(ThreadPool::new("names", limits)),
            flights: SingleFlight::new(),
            look_up,
        }
    }

    // ANCHOR: resolve
    /// The addresses of a name, in the order in which the system gives them. For a time limit, use
    /// `composition::timeout`. Dropping this leaves the look-up to the other callers; the last of them cancels it, if no
    /// thread has started it.
    ///
    /// # Errors
    ///
    /// With the name in it: if the system finds none, or the pool is closed.
    pub async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Unresolved> {
        let name = if host.contains(':') {
            format!("[{host}]:{port}") // An IPv6 address.
        } else {
            format!("{host}:{port}")
        };
        let (pool, look_up) = (Rc::clone(&self.pool), self.look_up);
        let asked = name.clone();
        let call = self.flights.run(name, move || async move {
            let wanted = asked.clone();
            let found = match pool.submit(move || look_up(&wanted)) {
                Ok(job) => job.await.map_err(lost).and_then(|found| found),
                Err(refused) => Err(io::Error::other(refused.to_string())),
            };
            found.map_err(|error| Unresolved {
                name: asked,
                error: Arc::new(error),
            })
        });
        call.await
    }
    // ANCHOR_END: resolve
}

fn lost(error: JobError) -> io::Error {
    io::Error::other(error.to_string())
}

impl fmt::Debug for Resolver {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Resolver")
            .field("pool", &self.pool)
            .field("flights", &self.flights)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.name, self.error)
    }
}

impl std::error::Error for Unresolved {}
