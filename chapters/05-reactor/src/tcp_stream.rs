//! A TCP connection.

use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};

use mio::Interest;

use crate::delegate::{async_read, async_write};
use crate::driver::ReactorHandle;
use crate::registered::{ByDebug, Registered};
use crate::source::Source;

/// A TCP connection, which implements `futures`' `AsyncRead` and `AsyncWrite`.
///
/// So does a reference to it: one task may read and another one write at the same time, for
/// instance through an `Rc`. Of each kind there may be one.
///
/// ```
/// use event_loop::EventLoop;
/// use futures::io::{AsyncReadExt, AsyncWriteExt};
/// use reactor::{Reactor, TcpListener, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// let event_loop = EventLoop::with_driver(Reactor::new()?);
/// let reactor = event_loop.driver().handle();
/// event_loop.block_on(async {
///     let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap())?;
///     let mut client = TcpStream::connect(&reactor, listener.local_addr()?).await?;
///     let (mut server, _address) = listener.accept().await?;
///     client.write_all(b"hello").await?;
///     client.close()?;
///     let mut heard = Vec::new();
///     server.read_to_end(&mut heard).await?;
///     assert_eq!(heard, b"hello");
///     Ok(())
/// })
/// # }
/// ```
///
/// # Cancel safety
///
/// A read or a write happens in the poll that is ready, or not at all: dropping a future that waits
/// for one loses nothing. What an adapter such as `read_exact` has read before it is dropped is
/// lost with it.
#[derive(Debug)]
pub struct TcpStream {
    io: Registered<mio::net::TcpStream, ByDebug>,
}

impl TcpStream {
    /// Connects. Python cannot have this in an `__init__`, which cannot wait; Rust has no
    /// constructors, so an `async fn` serves as well as any other.
    ///
    /// It takes an address and no name: looking up a name blocks.
    ///
    /// # Errors
    ///
    /// If no socket listens there ([`ErrorKind::ConnectionRefused`]), or no host answers.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives up the attempt, and closes the socket.
    // ANCHOR: connect
    pub async fn connect(reactor: &ReactorHandle, address: SocketAddr) -> io::Result<TcpStream> {
        let io = mio::net::TcpStream::connect(address)?;
        let stream = TcpStream::new(reactor, io, Source::new())?;
        poll_fn(|context| (stream.io).poll_write_io(context, is_connected, |()| false)).await?;
        Ok(stream)
    }
    // ANCHOR_END: connect

    /// A connection that is established: there is room to write.
    pub(crate) fn connected(
        reactor: &ReactorHandle,
        io: mio::net::TcpStream,
    ) -> io::Result<TcpStream> {
        TcpStream::new(reactor, io, Source::with_room())
    }

    fn new(
        reactor: &ReactorHandle,
        io: mio::net::TcpStream,
        source: Source,
    ) -> io::Result<TcpStream> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        let io = Registered::named_by_debug(reactor, io, source, interest)?;
        Ok(TcpStream { io })
    }

    /// Sends the end after what has been written; reading goes on. That is also what `poll_close`
    /// does, and asyncio's `write_eof`. It may be called again.
    ///
    /// # Errors
    ///
    /// The system's; none if the peer is gone already.
    pub fn close(&self) -> io::Result<()> {
        match self.io.get().shutdown(Shutdown::Write) {
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(()),
            other => other,
        }
    }

    /// The peer's address.
    ///
    /// # Errors
    ///
    /// If the peer is gone.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.get().peer_addr()
    }

    /// This side's address.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.get().local_addr()
    }

    /// Whether small writes are sent at once, instead of being collected until the peer has
    /// confirmed the last one.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.io.get().set_nodelay(nodelay)
    }
}

async_read!(TcpStream);
async_write!(TcpStream);

// ANCHOR: is_connected
/// An event may be spurious, so this asks the socket: for its error first, and then for the address
/// of its peer.
fn is_connected(io: &mio::net::TcpStream) -> io::Result<()> {
    if let Some(error) = io.take_error()? {
        return Err(error);
    }
    match io.peer_addr() {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotConnected => Err(ErrorKind::WouldBlock.into()),
        Err(error) => Err(error),
    }
}
// ANCHOR_END: is_connected
