//! Accepting clients, also when no descriptor is left.

use std::future::ready;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::time::Duration;

use reactor::network::Listener;
use socket2::{Domain, Protocol, Socket, Type};
use state_machines::{Winner, race};

use crate::limit::{Limit, Permit};

/// How many clients the kernel queues at most before it refuses more.
pub const BACKLOG: i32 = 4096;

/// How long to wait for a descriptor if no connection of the server ends: other parts of the process, or
/// of the machine, may hold the descriptors.
pub const NO_DESCRIPTORS: Duration = Duration::from_secs(1);

/// Listens on an address, for each worker.
///
/// | system | each worker has | the clients go to |
/// |---|---|---|
/// | Linux, DragonFly | a socket of its own, with `SO_REUSEPORT` | the socket that a hash of the addresses picks |
/// | FreeBSD | a socket of its own, with `SO_REUSEPORT_LB` | the socket that a hash of the addresses picks |
/// | macOS, other Unix, Windows | the same socket | the worker that accepts first |
///
/// On the systems of the last row `SO_REUSEPORT` does not spread clients: macOS, for one, gives them all
/// to the socket that was bound last. So the workers share one queue there.
///
/// # Errors
///
/// If the address is in use, or not of this machine, or not allowed; and if the workers need more
/// descriptors than the process may open.
pub fn bind(address: SocketAddr, workers: usize) -> io::Result<Vec<StdListener>> {
    if workers == 1 {
        return Ok(vec![listening(bound(address, Sharing::No)?)?]);
    }
    share(address, workers)
}

#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd"
))]
fn share(mut address: SocketAddr, workers: usize) -> io::Result<Vec<StdListener>> {
    if address.port() != 0 {
        // Any process of this user may share the port, another echo server for instance. A socket that
        // does not share finds out whether one listens already.
        drop(bound(address, Sharing::No)?);
    }
    let mut listeners = Vec::new();
    for _ in 0..workers {
        let listener = listening(bound(address, Sharing::Yes)?)?;
        // With port 0, the others listen where the first one does.
        address = listener.local_addr()?;
        listeners.push(listener);
    }
    Ok(listeners)
}

/// Where the system does not spread clients over sockets, all workers have the same queue of clients.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd"
)))]
fn share(address: SocketAddr, workers: usize) -> io::Result<Vec<StdListener>> {
    let listener = listening(bound(address, Sharing::No)?)?;
    (0..workers).map(|_| listener.try_clone()).collect()
}

/// Whether other sockets may be bound to the same address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sharing {
    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "dragonfly",
        target_os = "freebsd"
    ))]
    Yes,
    No,
}

fn bound(address: SocketAddr, sharing: Sharing) -> io::Result<Socket> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    if cfg!(unix) {
        // Not to wait for what is left of connections of the server that was here before.
        socket.set_reuse_address(true)?;
    }
    match sharing {
        Sharing::No => {}
        #[cfg(any(target_os = "linux", target_os = "android", target_os = "dragonfly"))]
        Sharing::Yes => socket.set_reuse_port(true)?,
        #[cfg(target_os = "freebsd")]
        Sharing::Yes => socket.set_reuse_port_lb(true)?,
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

fn listening(socket: Socket) -> io::Result<StdListener> {
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// A listener, and the limit on what it accepts.
#[derive(Debug)]
pub struct Gate<L> {
    /// Accepts clients.
    pub listener: L,
    /// Limits open connections.
    pub limit: Limit,
}

// ANCHOR: taken
/// The outcome of one attempt to accept.
#[derive(Debug)]
pub enum Taken<S> {
    /// A connection, and its permit.
    Connection(S, Permit),
    /// No client waits.
    NoClient,
    /// A client waited, and is gone. Others may wait behind it.
    Gone,
    /// A client waits, and no descriptor is left for it.
    NoDescriptors,
}

// ANCHOR_END: taken

impl<L: Listener> Gate<L> {
    // ANCHOR: take
    /// Waits for a client, then for a permit, and accepts the client.
    ///
    /// The order matters. A worker that took the permit first would hold it while it waits for a client,
    /// and another worker, which has a client, could not get one.
    ///
    /// # Errors
    ///
    /// If the listener does not listen any more.
    pub async fn take(&self) -> io::Result<Taken<L::Stream>> {
        self.listener.readable().await?;
        let permit = self.limit.acquire().await;
        self.take_now(permit).await
    }
    // ANCHOR_END: take

    /// Accepts a client that waits already, if there is a permit for it.
    ///
    /// # Errors
    ///
    /// If the listener does not listen any more.
    pub async fn take_waiting(&self) -> io::Result<Taken<L::Stream>> {
        match self.limit.try_acquire() {
            Some(permit) => self.take_now(permit).await,
            None => Ok(Taken::NoClient),
        }
    }

    // ANCHOR: take_now
    async fn take_now(&self, mut permit: Permit) -> io::Result<Taken<L::Stream>> {
        match race(self.listener.accept(), ready(())).await {
            Winner::First(Ok((stream, _))) => {
                permit.used();
                Ok(Taken::Connection(stream, permit))
            }
            Winner::First(Err(error)) => judge(error),
            Winner::Second(()) => Ok(Taken::NoClient),
        }
    }
    // ANCHOR_END: take_now
}

// ANCHOR: judge
/// Tells errors of one client, of the process, and of the listener apart.
fn judge<S>(error: io::Error) -> io::Result<Taken<S>> {
    if no_descriptors(&error) {
        return Ok(Taken::NoDescriptors);
    }
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::NotConnected => Err(error),
        _ => Ok(Taken::Gone),
    }
}

// ANCHOR_END: judge

/// Whether no descriptor, or no memory, is left for one more.
pub(crate) fn no_descriptors(error: &io::Error) -> bool {
    #[cfg(unix)]
    let codes = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM];
    #[cfg(not(unix))]
    let codes = [10024, 10055]; // WSAEMFILE, WSAENOBUFS
    error
        .raw_os_error()
        .is_some_and(|code| codes.contains(&code))
}
