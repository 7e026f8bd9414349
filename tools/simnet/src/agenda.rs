//! What is going to happen in the network, and when.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use event_loop::Time;

use crate::world::{ListenerId, SocketId};

/// Something that happens at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// The first segment of a connection arrives at the host that it is for.
    Syn(SocketId, u32),
    /// The answer to it arrives at the client.
    SynAck(SocketId, u32),
    /// The oldest segment in this socket's queue arrives at its peer, if this ticket is the socket's latest.
    Arrive(SocketId, u32),
    /// An acknowledgement arrives at this socket, for this number of bytes.
    Acked(SocketId, usize, u32),
    /// A reset arrives at this socket.
    Reset(SocketId),
    /// An event of the kernel that says nothing new.
    Spurious(SocketId),
    /// As this, at a listener.
    SpuriousClient(ListenerId),
}

/// Events by time. Of those at the same moment the seed decides which comes first.
#[derive(Debug, Default)]
pub(crate) struct Agenda {
    events: BinaryHeap<Reverse<(Time, u64, u64, Event)>>,
    count: u64,
}

impl Agenda {
    pub(crate) fn add(&mut self, when: Time, tie: u64, event: Event) {
        self.count += 1;
        self.events.push(Reverse((when, tie, self.count, event)));
    }

    /// When the next event happens.
    pub(crate) fn next(&self) -> Option<Time> {
        (self.events.peek()).map(|Reverse((when, ..))| *when)
    }

    /// Removes the next event, if it happens at `now` or before.
    pub(crate) fn pop(&mut self, now: Time) -> Option<Event> {
        if self.next()? > now {
            return None;
        }
        self.events.pop().map(|Reverse((.., event))| event)
    }
}
