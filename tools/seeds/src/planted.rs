//! Networks with a fault, which the laws have to find: the server above them cannot be right.

use std::cell::Cell;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures::io::{AsyncRead, AsyncWrite};
use reactor::network::{self, Network};
use simnet::SimNet;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: what is found is what was planted.
    None,
    /// A short write counts as a whole one.
    ShortWriteIgnored,
    /// A short write counts as one byte less, and that byte is written again.
    WrittenTwice,
    /// Every tenth byte that is read after 1,000 others is another one.
    WrongByte,
    /// A connection that has read its end is never closed.
    NeverClosed,
    /// One error of an accept ends the listener.
    ListenerGivesUp,
    /// The ninth client is accepted and closed.
    ClientThrownAway,
    /// A short read counts as proof that no more bytes are there.
    ShortReadTrusted,
}

impl Fault {
    /// All that are faults.
    pub const ALL: [Fault; 7] = [
        Fault::ShortWriteIgnored,
        Fault::WrittenTwice,
        Fault::WrongByte,
        Fault::NeverClosed,
        Fault::ListenerGivesUp,
        Fault::ClientThrownAway,
        Fault::ShortReadTrusted,
    ];
}

/// The simulated network with a fault.
#[derive(Debug, Clone)]
pub struct Planted {
    net: SimNet,
    fault: Fault,
}

impl Planted {
    /// This network with this fault.
    #[must_use]
    pub fn new(net: SimNet, fault: Fault) -> Planted {
        Planted { net, fault }
    }
}

impl Network for Planted {
    type Bound = simnet::Listener;
    type Listener = Listener;
    type Stream = Stream;

    fn listen(&self, bound: simnet::Listener) -> io::Result<Listener> {
        Ok(Listener {
            listener: bound,
            fault: self.fault,
            accepted: Cell::new(0),
        })
    }

    fn parks(&self) -> u64 {
        self.net.parks()
    }

    fn caught_up(&self) -> impl Future<Output = ()> {
        Network::caught_up(&self.net)
    }
}

/// A listener that may give up.
#[derive(Debug)]
pub struct Listener {
    listener: simnet::Listener,
    fault: Fault,
    accepted: Cell<u32>,
}

impl network::Listener for Listener {
    type Stream = Stream;

    fn readable(&self) -> impl Future<Output = io::Result<()>> {
        self.listener.readable()
    }

    async fn accept(&self) -> io::Result<(Stream, SocketAddr)> {
        let accepted = self.listener.accept().await;
        if accepted.is_err() && self.fault == Fault::ListenerGivesUp {
            return Err(ErrorKind::InvalidInput.into());
        }
        let (stream, peer) = accepted?;
        self.accepted.set(self.accepted.get() + 1);
        if self.accepted.get() == 9 && self.fault == Fault::ClientThrownAway {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        let stream = Stream {
            stream: Some(Rc::new(stream)),
            fault: self.fault,
            read: 0,
            is_drained: false,
        };
        Ok((stream, peer))
    }
}

/// A stream that may lose, double or change bytes.
#[derive(Debug)]
pub struct Stream {
    stream: Option<Rc<simnet::Stream>>,
    fault: Fault,
    read: usize,
    is_drained: bool,
}

impl Stream {
    fn inner(&self) -> &simnet::Stream {
        self.stream.as_ref().expect("it is there until the drop")
    }
}

impl network::Stream for Stream {
    fn set_nodelay(&self, _nodelay: bool) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if std::mem::take(&mut self.is_drained) && self.inner().unread() > 0 {
            return Poll::Pending;
        }
        let count = ready!(Pin::new(&mut self.inner()).poll_read(context, buffer))?;
        self.read += count;
        if self.fault == Fault::WrongByte && self.read > 1_000 && count > 9 {
            buffer[9] ^= 1;
        }
        self.is_drained = self.fault == Fault::ShortReadTrusted && count > 0;
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.inner()).poll_write(context, bytes))?;
        let is_short = count < bytes.len();
        Poll::Ready(Ok(match self.fault {
            Fault::ShortWriteIgnored if is_short => bytes.len(),
            Fault::WrittenTwice if is_short && count > 1 => count - 1,
            _ => count,
        }))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner()).poll_close(context)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.fault == Fault::NeverClosed {
            std::mem::forget(self.stream.take());
        }
    }
}
