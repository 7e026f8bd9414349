//! One end of a connection, as its host's kernel keeps it; and what its application asks of it.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::rc::Rc;

use event_loop::Time;
use reactor::Source;

use crate::world::{HostId, SocketId, World};

pub(crate) struct Socket {
    pub(crate) host: HostId,
    pub(crate) peer_host: HostId,
    /// The other end, once it is known. It may be gone.
    pub(crate) peer: Option<SocketId>,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    pub(crate) phase: Phase,
    pub(crate) holder: Holder,
    pub(crate) source: Rc<Source>,
    /// The next attempt returns it.
    pub(crate) error: Option<ErrorKind>,

    /// What was sent and has not arrived, oldest first.
    pub(crate) queue: VecDeque<Segment>,
    /// Written bytes that the peer's kernel has not acknowledged.
    pub(crate) unacknowledged: usize,
    /// Whether a write found no room.
    pub(crate) is_full: bool,
    /// When the segment that was sent last arrives, if none is lost.
    pub(crate) last_due: Time,
    /// Whether the arrival of the oldest segment is on the agenda, and under which ticket.
    pub(crate) is_arriving: bool,
    pub(crate) ticket: u32,
    /// Whether the oldest segment has arrived and found no room.
    pub(crate) is_refused: bool,
    /// How often the oldest segment did not arrive.
    pub(crate) attempts: u32,
    pub(crate) sent_end: bool,

    /// Bytes that have arrived and were not read.
    pub(crate) incoming: VecDeque<u8>,
    pub(crate) received_end: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Connecting,
    Open,
    /// After a reset or a time-out: nothing is sent, and what arrives is answered with a reset.
    Dead,
}

/// What holds a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// The queue of a listener.
    Queue,
    /// A stream.
    Application,
    /// The kernel alone, which sends the bytes that are left: the application has closed it.
    Kernel,
}

#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) due: Time,
    pub(crate) content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    End,
    Reset,
}

/// The most bytes of one segment.
const SEGMENT: usize = 16 * 1024;

impl Socket {
    pub(crate) fn new(local: (HostId, SocketAddr), remote: (HostId, SocketAddr)) -> Socket {
        Socket {
            host: local.0,
            peer_host: remote.0,
            peer: None,
            local: local.1,
            remote: remote.1,
            phase: Phase::Connecting,
            holder: Holder::Application,
            source: Rc::new(Source::new()),
            error: None,
            queue: VecDeque::new(),
            unacknowledged: 0,
            is_full: false,
            last_due: Time::START,
            is_arriving: false,
            ticket: 0,
            is_refused: false,
            attempts: 0,
            sent_end: false,
            incoming: VecDeque::new(),
            received_end: false,
        }
    }
}

impl World {
    /// Reads what has arrived. As on Linux, bytes come before an error, and an error is returned once.
    pub(crate) fn read(&mut self, id: SocketId, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupted(id)?;
        let Some(socket) = self.sockets[id.0].as_mut() else {
            return Err(ErrorKind::NotConnected.into());
        };
        if buffer.is_empty() {
            return Ok(0);
        }
        if socket.incoming.is_empty() {
            return match socket.error.take() {
                Some(error) => Err(error.into()),
                None if socket.received_end || socket.phase == Phase::Dead => Ok(0),
                None => Err(ErrorKind::WouldBlock.into()),
            };
        }
        let mut count = buffer.len().min(socket.incoming.len());
        if self
            .random
            .chance(self.hosts[socket.host.0].kernel.short_reads)
        {
            // Half of them are very short: many attempts for what is there.
            let most = if self.random.chance(500) { 16 } else { count };
            count = self.random.size(1..=count.min(most));
        }
        for (place, byte) in buffer.iter_mut().zip(socket.incoming.drain(..count)) {
            *place = byte;
        }
        let peer = socket.peer;
        self.note(id, format_args!("read {count}"));
        if let Some(peer) = peer {
            self.has_room(id, peer);
        }
        Ok(count)
    }

    /// Takes as many bytes as the send buffer has room for.
    pub(crate) fn write(&mut self, id: SocketId, bytes: &[u8]) -> io::Result<usize> {
        self.interrupted(id)?;
        let Some(socket) = self.sockets[id.0].as_mut() else {
            return Err(ErrorKind::NotConnected.into());
        };
        if let Some(error) = socket.error.take() {
            return Err(error.into());
        }
        if socket.phase == Phase::Dead || socket.sent_end {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let kernel = &self.hosts[socket.host.0].kernel;
        let room = kernel.send_buffer.saturating_sub(socket.unacknowledged);
        let mut count = bytes.len().min(room);
        if count == 0 && !bytes.is_empty() {
            socket.is_full = true;
            return Err(ErrorKind::WouldBlock.into());
        }
        if self.random.chance(kernel.short_writes) && count > 0 {
            count = self.random.size(1..=count);
        }
        socket.unacknowledged += count;
        let segment = SEGMENT.min(self.hosts[socket.peer_host.0].kernel.receive_buffer);
        self.note(id, format_args!("wrote {count}"));
        for part in bytes[..count].chunks(segment.max(1)) {
            self.send(id, Content::Bytes(part.to_vec()));
        }
        Ok(count)
    }

    /// Sends the end after what has been written.
    pub(crate) fn shut_down(&mut self, id: SocketId) {
        if let Some(socket) = self.socket_mut(id)
            && socket.phase != Phase::Dead
            && !socket.sent_end
        {
            socket.sent_end = true;
            self.note(id, format_args!("sent its end"));
            self.send(id, Content::End);
        }
    }

    /// The application closes its descriptor. The kernel sends what is left and the end; or a reset, if bytes
    /// were not read.
    pub(crate) fn close(&mut self, id: SocketId) {
        let Some(socket) = self.sockets[id.0].as_mut() else {
            return;
        };
        if socket.holder == Holder::Application {
            self.hosts[socket.host.0].descriptors -= 1;
        }
        socket.holder = Holder::Kernel;
        let unread = !socket.incoming.is_empty();
        match socket.phase {
            Phase::Open if unread => self.send_reset(id),
            Phase::Open => {
                self.shut_down(id);
                self.bury(id);
            }
            // A client that goes while it connects. If the server knows it already, it gets a reset.
            Phase::Connecting => self.send_reset(id),
            Phase::Dead => self.sockets[id.0] = None,
        }
    }

    /// Whether this attempt is interrupted by a signal.
    fn interrupted(&mut self, id: SocketId) -> io::Result<()> {
        let Some(host) = self.socket(id).map(|socket| socket.host) else {
            return Ok(());
        };
        match self.random.chance(self.hosts[host.0].kernel.interrupted) {
            true => Err(ErrorKind::Interrupted.into()),
            false => Ok(()),
        }
    }

    /// The application has read, so a segment that did not fit may fit now. The sender's kernel learns that
    /// after one latency.
    fn has_room(&mut self, id: SocketId, peer: SocketId) {
        let Some(socket) = self.socket(id) else {
            return;
        };
        let (from, to) = (socket.host, socket.peer_host);
        if self.socket(peer).is_some_and(|peer| peer.is_refused) {
            let delay = self.travel(from, to);
            self.try_again(peer, delay);
        }
    }
}
