//! What travels between two kernels, and what each does when it arrives.

use std::io::ErrorKind;
use std::time::Duration;

use reactor::Happened;

use crate::agenda::Event;
use crate::conditions::retransmission;
use crate::socket::{Content, Holder, Phase, Segment};
use crate::world::{SocketId, World};

pub(crate) const READABLE: Happened = Happened {
    readable: true,
    writable: false,
    read_closed: false,
    write_closed: false,
    error: false,
};
pub(crate) const WRITABLE: Happened = Happened {
    readable: false,
    writable: true,
    ..READABLE
};
const ENDED: Happened = Happened {
    read_closed: true,
    ..READABLE
};
const FAILED: Happened = Happened {
    readable: true,
    writable: true,
    read_closed: true,
    write_closed: true,
    error: true,
};

/// How long a sender waits before it asks a peer that had no room.
const PROBE: Duration = Duration::from_secs(5);

impl World {
    pub(crate) fn happen(&mut self, event: Event) {
        match event {
            Event::Syn(client, attempts) => self.syn(client, attempts),
            Event::SynAck(client, attempts) => self.syn_ack(client, attempts),
            Event::Arrive(sender, ticket) => self.arrive(sender, ticket),
            Event::Acked(sender, count, attempts) => self.acked(sender, count, attempts),
            Event::Reset(socket) => self.reset_arrives(socket),
            Event::Spurious(socket) => {
                if let Some(state) = self.socket(socket) {
                    let source = std::rc::Rc::clone(&state.source);
                    let both = Happened {
                        writable: true,
                        ..READABLE
                    };
                    self.happened.push_back((source, both));
                }
            }
            Event::SpuriousClient(listener) => {
                if let Some(state) = &self.listeners[listener.0] {
                    let source = std::rc::Rc::clone(&state.source);
                    self.happened.push_back((source, READABLE));
                }
            }
        }
    }

    /// Appends a segment to what this socket sends.
    pub(crate) fn send(&mut self, id: SocketId, content: Content) {
        let Some(socket) = self.socket(id) else {
            return;
        };
        let (from, to) = (socket.host, socket.peer_host);
        let mut due = self.now + self.travel(from, to);
        if let Some(socket) = self.socket_mut(id) {
            // TCP keeps the order: what was sent later arrives later.
            // A segment that waits to be sent again delays those behind it when it arrives, and not before.
            due = due.max(socket.last_due);
            socket.last_due = due;
            socket.queue.push_back(Segment { due, content });
        }
        self.expect_arrival(id);
    }

    /// Puts the arrival of the oldest segment on the agenda.
    fn expect_arrival(&mut self, id: SocketId) {
        let now = self.now;
        if let Some(socket) = self.socket_mut(id)
            && !socket.is_arriving
            && let Some(first) = socket.queue.front()
        {
            let due = first.due.max(now);
            socket.is_arriving = true;
            socket.ticket += 1;
            let ticket = socket.ticket;
            self.at(due, Event::Arrive(id, ticket));
        }
    }

    /// Has the oldest segment arrive after this time, and not when it was expected.
    pub(crate) fn try_again(&mut self, id: SocketId, delay: Duration) {
        let due = self.now + delay;
        if let Some(socket) = self.socket_mut(id)
            && let Some(first) = socket.queue.front_mut()
        {
            first.due = due;
            socket.is_arriving = false;
            socket.is_refused = false;
            self.expect_arrival(id);
        }
    }

    fn arrive(&mut self, sender: SocketId, ticket: u32) {
        let now = self.now;
        let Some(socket) = self.socket_mut(sender) else {
            return;
        };
        if socket.ticket != ticket {
            return;
        }
        socket.is_arriving = false;
        socket.is_refused = false;
        let Some(first) = socket.queue.front() else {
            return;
        };
        if first.due > now {
            return self.expect_arrival(sender);
        }
        let (from, to, peer) = (socket.host, socket.peer_host, socket.peer);
        let phase = socket.phase;
        let is_reset = matches!(first.content, Content::Reset);
        let is_end = matches!(first.content, Content::End);
        if is_reset {
            // A reset is sent once. If it is lost, the peer does not learn of it.
            if self.arrives(from, to)
                && let Some(peer) = peer
            {
                self.reset_arrives(peer);
            }
            self.sockets[sender.0] = None;
            return;
        }
        if !self.arrives(from, to) {
            return match phase {
                // It has sent a reset, and sends nothing again.
                Phase::Dead => self.sockets[sender.0] = None,
                _ => self.retransmit(sender),
            };
        }
        let is_gone = peer.is_none_or(|peer| self.socket(peer).is_none());
        match peer.filter(|peer| self.accepts(*peer, is_end)) {
            Some(peer) => self.deliver(sender, peer),
            // Its own end has arrived long ago, and both ends are all that was missing.
            None if is_gone && is_end => self.finish(sender),
            None => {
                self.refuse(sender, peer);
                // The reset may be lost.
                self.retransmit(sender);
            }
        }
    }

    /// Answers bytes that no application can read any more with a reset. If the socket is still there, because its
    /// application has closed it while bytes were unsent, those are lost, as on Linux.
    fn refuse(&mut self, sender: SocketId, peer: Option<SocketId>) {
        let closed = peer.filter(|peer| {
            self.socket(*peer)
                .is_some_and(|socket| socket.phase != Phase::Dead)
        });
        if let Some(peer) = closed {
            return self.send_reset(peer);
        }
        let Some(socket) = self.socket(sender) else {
            return;
        };
        let delay = self.travel(socket.peer_host, socket.host);
        self.after(delay, Event::Reset(sender));
    }

    /// The end of this socket, the last of what it sent, has arrived.
    fn finish(&mut self, sender: SocketId) {
        if let Some(socket) = self.socket_mut(sender) {
            socket.queue.clear();
        }
        self.bury(sender);
    }

    /// Whether the kernel of this socket takes what arrives for it. If its application has closed it, bytes
    /// that arrive are answered with a reset, and an end is not.
    fn accepts(&self, id: SocketId, is_end: bool) -> bool {
        self.socket(id).is_some_and(|socket| {
            socket.phase != Phase::Dead && (socket.holder != Holder::Kernel || is_end)
        })
    }

    fn deliver(&mut self, sender: SocketId, peer: SocketId) {
        if self
            .socket(peer)
            .is_some_and(|socket| socket.phase == Phase::Connecting)
        {
            self.connected(peer);
        }
        let (Some(from), Some(to)) = (self.socket(sender), self.socket(peer)) else {
            return;
        };
        let (host, back) = (from.host, to.host);
        let room = (self.kernel(back).receive_buffer).saturating_sub(to.incoming.len());
        let size = match from.queue.front().map(|first| &first.content) {
            Some(Content::Bytes(bytes)) => bytes.len(),
            _ => 0,
        };
        if size > room && !to.incoming.is_empty() {
            // A read at the peer continues it. The peer may be gone by then, so the sender asks from time to time.
            self.try_again(sender, PROBE);
            if let Some(socket) = self.socket_mut(sender) {
                socket.is_refused = true;
            }
            return;
        }
        let Some(socket) = self.socket_mut(sender) else {
            return;
        };
        socket.attempts = 0;
        let segment = socket.queue.pop_front();
        let receiver = self.sockets[peer.0].as_mut();
        match (segment.map(|segment| segment.content), receiver) {
            (Some(Content::Bytes(bytes)), Some(receiver)) => {
                receiver.incoming.extend(&bytes);
                self.note(sender, format_args!("{size} bytes arrive"));
                self.tell(peer, READABLE);
                let delay = self.travel(back, host);
                self.after(delay, Event::Acked(sender, size, 0));
            }
            (Some(Content::End), Some(receiver)) => {
                receiver.received_end = true;
                self.note(sender, format_args!("the end arrives"));
                self.tell(peer, ENDED);
                self.bury(peer);
            }
            _ => {}
        }
        self.expect_arrival(sender);
        self.bury(sender);
    }

    fn retransmit(&mut self, sender: SocketId) {
        let Some(socket) = self.socket_mut(sender) else {
            return;
        };
        let attempts = socket.attempts;
        socket.attempts += 1;
        let Some(wait) = retransmission(attempts) else {
            return self.fail(sender, ErrorKind::TimedOut);
        };
        if attempts == 0 {
            self.note(sender, format_args!("is not acknowledged"));
        }
        self.try_again(sender, wait);
    }

    fn acked(&mut self, sender: SocketId, count: usize, attempts: u32) {
        let Some(socket) = self.socket(sender) else {
            return;
        };
        let (from, to) = (socket.peer_host, socket.host);
        if !self.arrives(from, to) {
            // The sender repeats the segment, and the receiver its acknowledgement.
            match retransmission(attempts) {
                Some(wait) => self.after(wait, Event::Acked(sender, count, attempts + 1)),
                None => self.fail(sender, ErrorKind::TimedOut),
            }
            return;
        }
        if let Some(socket) = self.socket_mut(sender) {
            socket.unacknowledged = socket.unacknowledged.saturating_sub(count);
            if std::mem::take(&mut socket.is_full) {
                self.tell(sender, WRITABLE);
            }
        }
        self.bury(sender);
    }

    /// A kernel gives a connection up with a reset. Bytes that it has not sent yet are lost, and those on the
    /// way may be.
    pub(crate) fn send_reset(&mut self, id: SocketId) {
        let Some(socket) = self.socket_mut(id) else {
            return;
        };
        socket.phase = Phase::Dead;
        let waits_for_room = socket.is_refused;
        self.note(id, format_args!("sends a reset"));
        let loses = waits_for_room || self.random.chance(500);
        if let Some(socket) = self.socket_mut(id)
            && loses
        {
            socket.queue.clear();
        }
        self.send(id, Content::Reset);
    }

    fn reset_arrives(&mut self, id: SocketId) {
        let Some(socket) = self.socket(id) else {
            return;
        };
        if !self.arrives(socket.peer_host, socket.host) || socket.phase == Phase::Dead {
            return;
        }
        let kind = match socket.phase {
            Phase::Connecting => ErrorKind::ConnectionRefused,
            _ => ErrorKind::ConnectionReset,
        };
        self.fail(id, kind);
    }

    /// Ends a connection with an error, which the next attempt of its application returns.
    pub(crate) fn fail(&mut self, id: SocketId, kind: ErrorKind) {
        let Some(socket) = self.socket_mut(id) else {
            return;
        };
        socket.phase = Phase::Dead;
        socket.error = Some(kind);
        socket.queue.clear();
        let holder = socket.holder;
        self.note(id, format_args!("fails: {kind}"));
        self.tell(id, FAILED);
        if holder == Holder::Kernel {
            self.sockets[id.0] = None;
        }
    }

    /// Forgets a socket that its application has closed, once everything it sent has arrived.
    pub(crate) fn bury(&mut self, id: SocketId) {
        let is_done = self.socket(id).is_some_and(|socket| {
            socket.holder == Holder::Kernel && socket.sent_end && socket.queue.is_empty()
        });
        if is_done {
            self.sockets[id.0] = None;
        }
    }
}
