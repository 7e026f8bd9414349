//! A TCP socket that takes connections.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use mio::Interest;

use crate::driver::ReactorHandle;
use crate::registered::{ByDebug, Registered};
use crate::source::Source;
use crate::tcp_stream::TcpStream;

/// A TCP socket that takes connections.
///
/// ```
/// use event_loop::EventLoop;
/// use reactor::{Reactor, TcpListener};
///
/// # fn main() -> std::io::Result<()> {
/// let event_loop = EventLoop::with_driver(Reactor::new()?);
/// let reactor = event_loop.driver().handle();
/// let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap())?;
/// let address = listener.local_addr()?;
/// let client = std::thread::spawn(move || std::net::TcpStream::connect(address));
/// let (_connection, peer) = event_loop.block_on(listener.accept())?;
/// assert_eq!(client.join().unwrap()?.local_addr()?, peer);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct TcpListener {
    io: Registered<mio::net::TcpListener, ByDebug>,
}

impl TcpListener {
    /// Listens on an address; port 0 stands for any that is free.
    ///
    /// # Errors
    ///
    /// If the address is in use, or not ours.
    pub fn bind(reactor: &ReactorHandle, address: SocketAddr) -> io::Result<TcpListener> {
        TcpListener::new(reactor, mio::net::TcpListener::bind(address)?)
    }

    /// Takes over a socket that listens already, for options that [`bind`](TcpListener::bind) does
    /// not have. It is made non-blocking.
    ///
    /// # Errors
    ///
    /// If the operating system refuses.
    pub fn from_std(
        reactor: &ReactorHandle,
        listener: std::net::TcpListener,
    ) -> io::Result<TcpListener> {
        listener.set_nonblocking(true)?;
        TcpListener::new(reactor, mio::net::TcpListener::from_std(listener))
    }

    fn new(reactor: &ReactorHandle, io: mio::net::TcpListener) -> io::Result<TcpListener> {
        let io = Registered::named_by_debug(reactor, io, Source::new(), Interest::READABLE)?;
        Ok(TcpListener { io })
    }

    /// Waits for a connection, and takes it.
    ///
    /// # Errors
    ///
    /// Some concern one connection only (it was gone before it was taken), some the whole process
    /// (there is no descriptor left). After either, later calls may succeed; the listener stays as
    /// it is.
    ///
    /// # Cancel safety
    ///
    /// No connection is lost if this is dropped: it is taken in the poll that is ready, or not at
    /// all.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        poll_fn(|context| self.poll_accept(context)).await
    }

    /// As [`accept`](TcpListener::accept), for futures that are written by hand. One task at a time
    /// may wait.
    ///
    /// # Errors
    ///
    /// As `accept`.
    pub fn poll_accept(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let accept = |io: &mio::net::TcpListener| io.accept();
        let accepted = ready!(self.io.poll_read_io(context, accept, |_| false));
        let connected = |(stream, peer)| {
            let stream = TcpStream::connected(self.io.reactor(), stream)?;
            Ok((stream, peer))
        };
        Poll::Ready(accepted.and_then(connected))
    }

    /// Waits until a connection may be there, and takes none: for a server that must not take more
    /// than it can serve.
    ///
    /// # Errors
    ///
    /// None so far.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if this is dropped.
    pub async fn readable(&self) -> io::Result<()> {
        poll_fn(|context| self.io.poll_read_io(context, |_| Ok(()), |()| false)).await
    }

    /// The address on which it listens.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.get().local_addr()
    }
}
