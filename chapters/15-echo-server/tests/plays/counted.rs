//! The reactor's sockets, which count their system calls.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures::io::{AsyncRead, AsyncWrite};
use mio::{Interest, Registry, Token, event};
use reactor::network::{Listener, Network, Stream};
use reactor::{ReactorHandle, Registered, Source};

/// How often all sockets of a network were read and written, also without success.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pub(super) reads: Cell<usize>,
    pub(super) writes: Cell<usize>,
}

/// The network of the operating system.
#[derive(Clone)]
pub(super) struct Counted {
    pub(super) reactor: ReactorHandle,
    pub(super) calls: Rc<Calls>,
}

pub(super) struct CountedListener {
    io: Registered<mio::net::TcpListener>,
    network: Counted,
}

pub(super) struct CountedStream {
    io: Registered<Socket>,
}

struct Socket {
    io: mio::net::TcpStream,
    calls: Rc<Calls>,
}

impl Read for &Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.calls.reads.set(self.calls.reads.get() + 1);
        (&self.io).read(buffer)
    }
}

impl Write for &Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls.writes.set(self.calls.writes.get() + 1);
        (&self.io).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl event::Source for Socket {
    fn register(&mut self, to: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.io.register(to, token, interest)
    }

    fn reregister(&mut self, to: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        self.io.reregister(to, token, interest)
    }

    fn deregister(&mut self, from: &Registry) -> io::Result<()> {
        self.io.deregister(from)
    }
}

impl Network for Counted {
    type Bound = StdListener;
    type Listener = CountedListener;
    type Stream = CountedStream;

    fn listen(&self, bound: StdListener) -> io::Result<CountedListener> {
        bound.set_nonblocking(true)?;
        let io = mio::net::TcpListener::from_std(bound);
        Ok(CountedListener {
            io: Registered::new(&self.reactor, io, Source::new(), Interest::READABLE)?,
            network: self.clone(),
        })
    }

    fn parks(&self) -> u64 {
        self.reactor.parks()
    }

    fn caught_up(&self) -> impl Future<Output = ()> {
        self.reactor.caught_up()
    }
}

impl CountedListener {
    fn poll_accept(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<(CountedStream, SocketAddr)>> {
        let accept = |io: &mio::net::TcpListener| io.accept();
        let (io, peer) = ready!(self.io.poll_read_io(context, accept, |_| false))?;
        let calls = Rc::clone(&self.network.calls);
        let socket = Socket { io, calls };
        let both = Interest::READABLE | Interest::WRITABLE;
        let io = Registered::new(&self.network.reactor, socket, Source::with_room(), both)?;
        Poll::Ready(Ok((CountedStream { io }, peer)))
    }
}

impl Listener for CountedListener {
    type Stream = CountedStream;

    async fn readable(&self) -> io::Result<()> {
        poll_fn(|context| self.io.poll_read_io(context, |_| Ok(()), |()| false)).await
    }

    async fn accept(&self) -> io::Result<(CountedStream, SocketAddr)> {
        poll_fn(|context| self.poll_accept(context)).await
    }
}

impl Stream for CountedStream {
    fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.io.get().io.set_nodelay(nodelay)
    }
}

impl AsyncRead for CountedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.io.poll_read(context, buffer)
    }
}

impl AsyncWrite for CountedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.io.poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
