//! A UDP socket, for `async` code.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll};

use mio::Interest;

use crate::driver::ReactorHandle;
use crate::registered::{ByDebug, Registered};
use crate::source::Source;

/// A UDP socket: each send is one packet, and each receive returns one.
///
/// A packet may be lost, may arrive twice, and may overtake another: UDP promises nothing.
///
/// ```
/// use event_loop::EventLoop;
/// use reactor::{Reactor, UdpSocket};
///
/// # fn main() -> std::io::Result<()> {
/// let event_loop = EventLoop::with_driver(Reactor::new()?);
/// let reactor = event_loop.driver().handle();
/// let one = UdpSocket::bind(&reactor, "127.0.0.1:0".parse().unwrap())?;
/// let other = UdpSocket::bind(&reactor, "127.0.0.1:0".parse().unwrap())?;
/// event_loop.block_on(async {
///     one.send_to(b"hello", other.local_addr()?).await?;
///     let mut packet = [0; 16];
///     let (length, sender) = other.recv_from(&mut packet).await?;
///     assert_eq!((&packet[..length], sender), (&b"hello"[..], one.local_addr()?));
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug)]
pub struct UdpSocket {
    io: Registered<mio::net::UdpSocket, ByDebug>,
}

impl UdpSocket {
    /// A socket on an address; port 0 stands for any that is free.
    ///
    /// # Errors
    ///
    /// If the address is in use, or not ours.
    pub fn bind(reactor: &ReactorHandle, address: SocketAddr) -> io::Result<UdpSocket> {
        let socket = mio::net::UdpSocket::bind(address)?;
        let both = Interest::READABLE | Interest::WRITABLE;
        let io = Registered::named_by_debug(reactor, socket, Source::with_room(), both)?;
        Ok(UdpSocket { io })
    }

    /// Waits for a packet, and returns its length and its sender. If it is longer than `packet`, its end is
    /// lost. One task at a time may wait.
    ///
    /// # Errors
    ///
    /// The system's, among them what an earlier send led to: `ConnectionRefused`, where the peer's system
    /// says that no socket is there.
    ///
    /// # Cancel safety
    ///
    /// No packet is lost if this is dropped: it is received in the poll that is ready, or not at all.
    pub async fn recv_from(&self, packet: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        poll_fn(|context| self.poll_recv_from(context, packet)).await
    }

    /// As [`recv_from`](UdpSocket::recv_from), for futures that are written by hand.
    ///
    /// # Errors
    ///
    /// As `recv_from`.
    pub fn poll_recv_from(
        &self,
        context: &mut Context<'_>,
        packet: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.io
            .poll_read_io(context, |io| io.recv_from(packet), |_| false)
    }

    /// Sends a packet, and waits if the system has no room for it.
    ///
    /// # Errors
    ///
    /// The system's; for instance if the packet is too long.
    ///
    /// # Cancel safety
    ///
    /// Dropped while it waits, it has sent nothing.
    pub async fn send_to(&self, packet: &[u8], receiver: SocketAddr) -> io::Result<()> {
        let sent = poll_fn(|context| {
            self.io
                .poll_write_io(context, |io| io.send_to(packet, receiver), |_| false)
        });
        sent.await.map(drop)
    }

    /// The address of this socket.
    ///
    /// # Errors
    ///
    /// The system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.get().local_addr()
    }
}
