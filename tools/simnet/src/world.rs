//! The state of the network: hosts, links, sockets, and what is going to happen.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use event_loop::Time;
use reactor::{Happened, Source};

use crate::agenda::{Agenda, Event};
use crate::conditions::{Kernel, Link};
use crate::random::Random;
use crate::socket::Socket;
use crate::trace::Trace;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HostId(pub(crate) usize);

/// Never used again, so an event for a socket that is gone reaches no other one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SocketId(pub(crate) usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListenerId(pub(crate) usize);

pub(crate) struct World {
    pub(crate) now: Time,
    pub(crate) random: Random,
    pub(crate) agenda: Agenda,
    pub(crate) hosts: Vec<HostState>,
    pub(crate) links: BTreeMap<(HostId, HostId), Link>,
    pub(crate) usual: Link,
    pub(crate) sockets: Vec<Option<Socket>>,
    pub(crate) listeners: Vec<Option<ListenerState>>,
    pub(crate) trace: Trace,
    /// Events that the driver has yet to dispatch. A waker may use the network, so it is called when the
    /// world is not borrowed.
    pub(crate) happened: VecDeque<(Rc<Source>, Happened)>,
}

pub(crate) struct HostState {
    pub(crate) name: String,
    pub(crate) kernel: Kernel,
    pub(crate) is_on: bool,
    pub(crate) descriptors: usize,
    pub(crate) next_port: u16,
}

pub(crate) struct ListenerState {
    pub(crate) host: HostId,
    pub(crate) port: u16,
    pub(crate) queue: VecDeque<SocketId>,
    pub(crate) source: Rc<Source>,
}

/// The port of a host's first outgoing connection.
const FIRST_PORT: u16 = 32_768;

impl World {
    pub(crate) fn new(seed: u64, keeps_trace: bool) -> World {
        World {
            now: Time::START,
            random: Random::seeded(seed),
            agenda: Agenda::default(),
            hosts: Vec::new(),
            links: BTreeMap::new(),
            usual: Link::default(),
            sockets: Vec::new(),
            listeners: Vec::new(),
            trace: Trace::new(keeps_trace),
            happened: VecDeque::new(),
        }
    }

    pub(crate) fn add_host(&mut self, name: &str) -> HostId {
        self.hosts.push(HostState {
            name: name.to_owned(),
            kernel: Kernel::default(),
            is_on: true,
            descriptors: 0,
            next_port: FIRST_PORT,
        });
        HostId(self.hosts.len() - 1)
    }

    pub(crate) fn host(&self, host: HostId) -> &HostState {
        &self.hosts[host.0]
    }

    pub(crate) fn kernel(&self, host: HostId) -> &Kernel {
        &self.host(host).kernel
    }

    pub(crate) fn socket(&self, socket: SocketId) -> Option<&Socket> {
        self.sockets[socket.0].as_ref()
    }

    pub(crate) fn socket_mut(&mut self, socket: SocketId) -> Option<&mut Socket> {
        self.sockets[socket.0].as_mut()
    }

    pub(crate) fn add_socket(&mut self, socket: Socket) -> SocketId {
        self.sockets.push(Some(socket));
        SocketId(self.sockets.len() - 1)
    }

    pub(crate) fn listener(&self, host: HostId, port: u16) -> Option<ListenerId> {
        let of = |listener: &Option<ListenerState>| {
            (listener.as_ref())
                .is_some_and(|listener| (listener.host, listener.port) == (host, port))
        };
        self.listeners.iter().position(of).map(ListenerId)
    }

    /// An address for an outgoing connection.
    pub(crate) fn new_address(&mut self, host: HostId) -> SocketAddr {
        let state = &mut self.hosts[host.0];
        let port = state.next_port;
        state.next_port = port.checked_add(1).unwrap_or(FIRST_PORT);
        address(host, port)
    }

    /// The host with this address.
    pub(crate) fn host_at(&self, address: SocketAddr) -> Option<HostId> {
        let number = match address {
            SocketAddr::V4(address) => u32::from(*address.ip()).checked_sub(NETWORK)?,
            SocketAddr::V6(_) => return None,
        };
        let host = usize::try_from(number.checked_sub(1)?).ok()?;
        (host < self.hosts.len()).then_some(HostId(host))
    }

    pub(crate) fn link(&self, from: HostId, to: HostId) -> &Link {
        self.links.get(&(from, to)).unwrap_or(&self.usual)
    }

    pub(crate) fn link_mut(&mut self, from: HostId, to: HostId) -> &mut Link {
        self.links
            .entry((from, to))
            .or_insert_with(|| self.usual.clone())
    }

    /// Whether a segment that was sent from the one host arrives at the other one now.
    pub(crate) fn arrives(&self, from: HostId, to: HostId) -> bool {
        !self.link(from, to).is_cut && self.host(to).is_on
    }

    /// How long the next segment travels, a loss and the retransmission included.
    pub(crate) fn travel(&mut self, from: HostId, to: HostId) -> Duration {
        let link = self.links.get(&(from, to)).unwrap_or(&self.usual);
        let mut time = self.random.duration(&link.latency);
        let mut again = Duration::from_millis(200);
        while self.random.chance(link.loss.min(900)) {
            time += again;
            again *= 2;
        }
        time
    }

    pub(crate) fn after(&mut self, delay: Duration, event: Event) {
        self.at(self.now + delay, event);
    }

    pub(crate) fn at(&mut self, when: Time, event: Event) {
        let tie = self.random.number();
        self.agenda.add(when, tie, event);
    }

    /// Has the driver dispatch this to the socket's source.
    pub(crate) fn tell(&mut self, socket: SocketId, happened: Happened) {
        let Some(state) = self.socket(socket) else {
            return;
        };
        let (source, host) = (Rc::clone(&state.source), state.host);
        self.happened.push_back((source, happened));
        if self.random.chance(self.hosts[host.0].kernel.spurious) {
            let delay = Duration::from_micros(self.random.below(1_000));
            self.after(delay, Event::Spurious(socket));
        }
    }

    /// Adds a line about a socket to the trace: `client:32768 → server:7777`, and what happened.
    pub(crate) fn note(&mut self, socket: SocketId, what: fmt::Arguments<'_>) {
        let Some(state) = self.sockets[socket.0].as_ref() else {
            return;
        };
        let (host, peer) = (
            &self.hosts[state.host.0].name,
            &self.hosts[state.peer_host.0].name,
        );
        self.trace.line(
            self.now,
            format_args!(
                "{host}:{} → {peer}:{}  {what}",
                state.local.port(),
                state.remote.port()
            ),
        );
    }

    /// The bytes that all sockets of a host hold in its kernel.
    pub(crate) fn bytes_in_kernel(&self, host: HostId) -> usize {
        let of_host = |socket: &&Socket| socket.host == host;
        let held = |socket: &Socket| socket.unacknowledged + socket.incoming.len();
        self.sockets
            .iter()
            .flatten()
            .filter(of_host)
            .map(held)
            .sum()
    }
}

const NETWORK: u32 = u32::from_be_bytes([10, 0, 0, 0]);

/// The address of a host: 10.0.0.1 is that of the first one.
pub(crate) fn address(host: HostId, port: u16) -> SocketAddr {
    let number = u32::try_from(host.0 + 1).unwrap_or(u32::MAX - NETWORK);
    SocketAddr::from((Ipv4Addr::from(NETWORK + number), port))
}
