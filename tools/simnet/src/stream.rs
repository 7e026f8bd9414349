//! A connection, for `async` code.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};
use reactor::Source;

use crate::host::Host;
use crate::net::SimNet;
use crate::socket::{Holder, Phase};
use crate::world::{HostId, SocketId, World};

/// A simulated TCP connection. It reads and writes as the reactor's does, and closes when it is dropped. One
/// task may read and another one write through a reference to it.
///
/// # Cancel safety
///
/// A read or a write happens in the poll that is ready, or not at all.
pub struct Stream {
    net: SimNet,
    id: SocketId,
    source: Rc<Source>,
    local: SocketAddr,
    remote: SocketAddr,
}

pub(crate) async fn connect(host: &Host, address: SocketAddr) -> io::Result<Stream> {
    let stream = {
        let mut world = host.net.shared.world.borrow_mut();
        let peer = world.host_at(address).ok_or(ErrorKind::AddrNotAvailable)?;
        take_descriptor(&mut world, host.id)?;
        let id = world.connect(host.id, peer, address);
        Stream::of(&host.net, &world, id)?
    };
    poll_fn(|context| {
        stream.poll_write_io(context, |world, id| match world.socket_mut(id) {
            Some(socket) => match (socket.error.take(), socket.phase) {
                (Some(error), _) => Err(error.into()),
                (None, Phase::Connecting) => Err(ErrorKind::WouldBlock.into()),
                (None, _) => Ok(()),
            },
            None => Err(ErrorKind::NotConnected.into()),
        })
    })
    .await?;
    Ok(stream)
}

/// Uses one descriptor of this host.
pub(crate) fn take_descriptor(world: &mut World, host: HostId) -> io::Result<()> {
    let state = &mut world.hosts[host.0];
    if !state.is_on {
        return Err(ErrorKind::NetworkDown.into());
    }
    if state.descriptors >= state.kernel.descriptors {
        return Err(io::Error::from_raw_os_error(NO_DESCRIPTORS));
    }
    state.descriptors += 1;
    Ok(())
}

/// `EMFILE`, or `WSAEMFILE`.
const NO_DESCRIPTORS: i32 = if cfg!(unix) { 24 } else { 10_024 };

impl Stream {
    /// The stream of a socket that the application holds from now on, and for which it has a descriptor.
    pub(crate) fn of(net: &SimNet, world: &World, id: SocketId) -> io::Result<Stream> {
        let socket = world.socket(id).ok_or(ErrorKind::ConnectionAborted)?;
        let source = Rc::clone(&socket.source);
        if socket.phase != Phase::Connecting {
            source.writing().event(false);
            // What has arrived before it was accepted.
            source.reading().event(false);
        }
        Ok(Stream {
            net: net.clone(),
            id,
            source,
            local: socket.local,
            remote: socket.remote,
        })
    }

    /// This side's address.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The peer's address.
    #[must_use]
    pub fn peer_addr(&self) -> SocketAddr {
        self.remote
    }

    /// How many bytes have arrived at this side and were not read.
    #[must_use]
    pub fn unread(&self) -> usize {
        let world = self.net.shared.world.borrow();
        world
            .socket(self.id)
            .map_or(0, |socket| socket.incoming.len())
    }

    /// How many bytes the peer's kernel has of those that were written here, read or not.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        let world = self.net.shared.world.borrow();
        world
            .socket(self.id)
            .map_or(0, |socket| socket.unacknowledged)
    }

    /// Aborts the connection: the peer gets a reset.
    pub fn reset(self) {
        let mut world = self.net.shared.world.borrow_mut();
        if let Some(socket) = world.socket_mut(self.id)
            && socket.holder == Holder::Application
            && socket.phase == Phase::Open
        {
            let host = socket.host;
            socket.holder = Holder::Kernel;
            world.hosts[host.0].descriptors -= 1;
            world.send_reset(self.id);
        }
    }

    fn poll_read_io<T>(
        &self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&mut World, SocketId) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let attempt = || attempt(&mut self.net.shared.world.borrow_mut(), self.id);
        // A short read proves nothing here: the kernel may be one that returns less than it has.
        (self.source.reading()).poll_io(self.net.parks(), context, attempt, |_| false)
    }

    fn poll_write_io<T>(
        &self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&mut World, SocketId) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let attempt = || attempt(&mut self.net.shared.world.borrow_mut(), self.id);
        (self.source.writing()).poll_io(self.net.parks(), context, attempt, |_| false)
    }
}

impl AsyncRead for &Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_read_io(context, |world, id| world.read(id, buffer))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self).poll_read(context, buffer)
    }
}

impl AsyncWrite for &Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_io(context, |world, id| world.write(id, bytes))
    }

    /// There is nothing to flush: what is written is the kernel's.
    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Sends the end after what has been written; reading goes on.
    fn poll_close(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.net.shared.world.borrow_mut().shut_down(self.id);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self).poll_close(context)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.forget();
        self.net.shared.world.borrow_mut().close(self.id);
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Stream({} → {})", self.local, self.remote)
    }
}
