//! What a server needs of a network, so that the reactor's sockets are one and a simulated network is another.

use std::future::Future;
use std::io;
use std::net::SocketAddr;

use futures::io::{AsyncRead, AsyncWrite};

use crate::{ReactorHandle, TcpListener, TcpStream};

/// Where connections come from. A clone is the same network.
///
/// [`ReactorHandle`] is the network of the operating system. Code that is generic over this trait costs
/// nothing more on it: the compiler makes a copy of the code for each network.
pub trait Network: Clone + 'static {
    /// A socket that listens already, and is not watched yet. It may come from another thread.
    type Bound;
    /// Accepts connections.
    type Listener: Listener<Stream = Self::Stream>;
    /// A connection.
    type Stream: Stream;

    /// Watches a socket that listens already.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    fn listen(&self, bound: Self::Bound) -> io::Result<Self::Listener>;

    /// How often the loop has parked on the driver of this network: the number of the iteration.
    fn parks(&self) -> u64;

    /// Waits until every event that the network has now is dispatched.
    fn caught_up(&self) -> impl Future<Output = ()>;
}

/// Accepts connections.
pub trait Listener {
    /// A connection.
    type Stream;

    /// Waits until a connection may be there, and accepts none.
    ///
    /// # Errors
    ///
    /// The network's.
    fn readable(&self) -> impl Future<Output = io::Result<()>>;

    /// Waits for a connection, and accepts it. Dropping the future loses no connection.
    ///
    /// # Errors
    ///
    /// The network's. A later call may succeed.
    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, SocketAddr)>>;
}

/// A connection: bytes in both directions. Dropping it closes it.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + 'static {
    /// Whether small writes are sent at once.
    ///
    /// # Errors
    ///
    /// The network's. The connection works without it.
    fn set_nodelay(&self, nodelay: bool) -> io::Result<()>;
}

impl Network for ReactorHandle {
    type Bound = std::net::TcpListener;
    type Listener = TcpListener;
    type Stream = TcpStream;

    fn listen(&self, bound: std::net::TcpListener) -> io::Result<TcpListener> {
        TcpListener::from_std(self, bound)
    }

    fn parks(&self) -> u64 {
        ReactorHandle::parks(self)
    }

    fn caught_up(&self) -> impl Future<Output = ()> {
        ReactorHandle::caught_up(self)
    }
}

impl Listener for TcpListener {
    type Stream = TcpStream;

    fn readable(&self) -> impl Future<Output = io::Result<()>> {
        TcpListener::readable(self)
    }

    fn accept(&self) -> impl Future<Output = io::Result<(TcpStream, SocketAddr)>> {
        TcpListener::accept(self)
    }
}

impl Stream for TcpStream {
    fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        TcpStream::set_nodelay(self, nodelay)
    }
}
