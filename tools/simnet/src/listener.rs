//! A socket that accepts connections.

use std::fmt;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll};

use std::collections::VecDeque;

use reactor::Source;

use crate::host::Host;
use crate::net::SimNet;
use crate::socket::Holder;
use crate::stream::{Stream, take_descriptor};
use crate::world::{ListenerId, ListenerState, World};

/// Accepts connections on one port of a host. Dropping it resets the connections that it has not accepted.
pub struct Listener {
    net: SimNet,
    id: ListenerId,
    source: Rc<Source>,
    address: SocketAddr,
}

impl Listener {
    pub(crate) fn new(host: &Host, port: u16) -> io::Result<Listener> {
        let mut world = host.net.shared.world.borrow_mut();
        if world.listener(host.id, port).is_some() {
            return Err(ErrorKind::AddrInUse.into());
        }
        take_descriptor(&mut world, host.id)?;
        let source = Rc::new(Source::new());
        world.listeners.push(Some(ListenerState {
            host: host.id,
            port,
            queue: VecDeque::new(),
            source: Rc::clone(&source),
        }));
        Ok(Listener {
            net: host.net.clone(),
            id: ListenerId(world.listeners.len() - 1),
            source,
            address: host.address(port),
        })
    }

    /// The address on which it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Waits until a connection may be there, and accepts none.
    ///
    /// # Errors
    ///
    /// None so far.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if this is dropped.
    pub async fn readable(&self) -> io::Result<()> {
        poll_fn(|context| self.poll_io(context, |_, _| Ok(()))).await
    }

    /// Waits for a connection, and accepts it.
    ///
    /// # Errors
    ///
    /// If no descriptor is left: the client stays in the queue. If the client is gone.
    ///
    /// # Cancel safety
    ///
    /// No connection is lost if this is dropped.
    pub async fn accept(&self) -> io::Result<(Stream, SocketAddr)> {
        poll_fn(|context| {
            self.poll_io(context, |world, id| {
                let stream = accept(&self.net, world, id)?;
                let peer = stream.peer_addr();
                Ok((stream, peer))
            })
        })
        .await
    }

    fn poll_io<T>(
        &self,
        context: &mut Context<'_>,
        mut attempt: impl FnMut(&mut World, ListenerId) -> io::Result<T>,
    ) -> Poll<io::Result<T>> {
        let attempt = || attempt(&mut self.net.shared.world.borrow_mut(), self.id);
        (self.source.reading()).poll_io(self.net.parks(), context, attempt, |_| false)
    }
}

fn accept(net: &SimNet, world: &mut World, id: ListenerId) -> io::Result<Stream> {
    let Some(listener) = &world.listeners[id.0] else {
        return Err(ErrorKind::InvalidInput.into());
    };
    let (host, first) = (listener.host, listener.queue.front().copied());
    let first = first.ok_or(ErrorKind::WouldBlock)?;
    take_descriptor(world, host)?;
    if let Some(listener) = &mut world.listeners[id.0] {
        listener.queue.pop_front();
    }
    if world.random.chance(world.kernel(host).aborted) {
        world.hosts[host.0].descriptors -= 1;
        world.send_reset(first);
        return Err(ErrorKind::ConnectionAborted.into());
    }
    if let Some(socket) = world.socket_mut(first) {
        socket.holder = Holder::Application;
    }
    world.note(first, format_args!("is accepted"));
    Stream::of(net, world, first).inspect_err(|_| world.hosts[host.0].descriptors -= 1)
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.source.forget();
        let mut world = self.net.shared.world.borrow_mut();
        let Some(listener) = world.listeners[self.id.0].take() else {
            return;
        };
        world.hosts[listener.host.0].descriptors -= 1;
        for socket in listener.queue {
            if let Some(state) = world.socket_mut(socket) {
                state.holder = Holder::Kernel;
                world.send_reset(socket);
            }
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Listener({})", self.address)
    }
}
