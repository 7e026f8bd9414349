//! How a connection begins: the first segment, its answer, and what happens when either is lost.

use std::io::ErrorKind;
use std::net::SocketAddr;

use crate::agenda::Event;
use crate::conditions::connection_retry;
use crate::socket::{Holder, Phase, Socket};
use crate::wire::{READABLE, WRITABLE};
use crate::world::{HostId, SocketId, World};

impl World {
    /// A connection's first segment leaves the client.
    pub(crate) fn connect(&mut self, from: HostId, to: HostId, remote: SocketAddr) -> SocketId {
        let local = self.new_address(from);
        let client = self.add_socket(Socket::new((from, local), (to, remote)));
        self.note(client, format_args!("connects"));
        let delay = self.travel(from, to);
        self.after(delay, Event::Syn(client, 0));
        client
    }

    pub(crate) fn syn(&mut self, client: SocketId, attempts: u32) {
        let Some(socket) = self.socket(client) else {
            return;
        };
        if socket.phase != Phase::Connecting {
            return;
        }
        let (from, to, remote, local) =
            (socket.host, socket.peer_host, socket.remote, socket.local);
        let listener = self.listener(to, remote.port());
        let is_full = listener.is_some_and(|listener| {
            let waiting = self.listeners[listener.0]
                .as_ref()
                .map_or(0, |it| it.queue.len());
            waiting >= self.kernel(to).backlog
        });
        if !self.arrives(from, to) || is_full {
            match connection_retry(attempts) {
                Some(wait) => self.after(wait, Event::Syn(client, attempts + 1)),
                None => self.fail(client, ErrorKind::TimedOut),
            }
            return;
        }
        let delay = self.travel(to, from);
        let Some(listener) = listener else {
            self.after(delay, Event::Reset(client));
            return;
        };
        let mut accepted = Socket::new((to, remote), (from, local));
        accepted.phase = Phase::Open;
        accepted.holder = Holder::Queue;
        accepted.peer = Some(client);
        let accepted = self.add_socket(accepted);
        if let Some(socket) = self.socket_mut(client) {
            socket.peer = Some(accepted);
        }
        if let Some(listener) = &mut self.listeners[listener.0] {
            listener.queue.push_back(accepted);
            let source = std::rc::Rc::clone(&listener.source);
            self.happened.push_back((source, READABLE));
        }
        if self.random.chance(self.kernel(to).spurious) {
            self.after(delay, Event::SpuriousClient(listener));
        }
        self.after(delay, Event::SynAck(client, 0));
    }

    pub(crate) fn syn_ack(&mut self, client: SocketId, attempts: u32) {
        let Some(socket) = self.socket(client) else {
            return;
        };
        if socket.phase != Phase::Connecting {
            return;
        }
        let (from, to) = (socket.peer_host, socket.host);
        if self.arrives(from, to) {
            self.connected(client);
            return;
        }
        match connection_retry(attempts) {
            Some(wait) => self.after(wait, Event::SynAck(client, attempts + 1)),
            None => self.fail(client, ErrorKind::TimedOut),
        }
    }

    pub(crate) fn connected(&mut self, client: SocketId) {
        if let Some(socket) = self.socket_mut(client) {
            socket.phase = Phase::Open;
            self.note(client, format_args!("is connected"));
            self.tell(client, WRITABLE);
        }
    }
}
