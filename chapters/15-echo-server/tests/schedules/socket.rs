//! A socket that does not block, its other end, and the stream that the connection is given.

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use event_loop::{Handle, Time};
use futures::io::{AsyncRead, AsyncWrite};
use reactor::{Happened, Source};

use crate::schedules::random::Random;
use crate::schedules::world::{Event, Trace};

/// What the kernel promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Each change is told, and fewer bytes than were asked for are all that there are: epoll.
    Edge,
    /// A change is told once, and then not before an attempt would have blocked; any read or write may be cut short: mio on Windows.
    Armed,
}

/// How the peer has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerEnd {
    Open,
    Ended,
    Reset,
}

/// All that is known of one connection. The script and the stream share it.
pub(crate) struct Socket {
    pub(crate) number: usize,
    pub(crate) kind: Kind,
    pub(crate) random: Random,
    pub(crate) trace: Trace,
    /// What is on its way to the server, and how the peer has ended behind that.
    pub(crate) incoming: VecDeque<u8>,
    pub(crate) peer: PeerEnd,
    /// All that the peer has ever sent.
    pub(crate) sent: Vec<u8>,
    /// How much of it the server has read.
    pub(crate) taken: usize,
    /// How much the peer would take now, and what it has taken.
    pub(crate) room: usize,
    pub(crate) received: Vec<u8>,
    pub(crate) closed: bool,
    /// Whether the close was answered with an error.
    pub(crate) close_failed: bool,
    /// Whether any call was.
    failed: bool,
    /// What is told next.
    pub(crate) edge: Happened,
    pub(crate) armed: (bool, bool),
    /// When a byte was read or written last.
    pub(crate) active: Option<Time>,
    /// When the server was told to finish, and how many bytes had come by then.
    pub(crate) at_drain: Option<(Time, usize)>,
    pub(crate) saw_end: bool,
    /// Whether it has a permit, and is not over.
    pub(crate) served: bool,
    pub(crate) broken: Vec<String>,
}

impl Socket {
    pub(crate) fn new(
        number: usize,
        kind: Kind,
        room: usize,
        random: Random,
        trace: Trace,
    ) -> Socket {
        Socket {
            number,
            kind,
            random,
            trace,
            incoming: VecDeque::new(),
            peer: PeerEnd::Open,
            sent: Vec::new(),
            taken: 0,
            room,
            received: Vec::new(),
            closed: false,
            close_failed: false,
            failed: false,
            edge: Happened::default(),
            armed: (true, true),
            active: None,
            at_drain: None,
            saw_end: false,
            served: false,
            broken: Vec::new(),
        }
    }

    /// How many bytes have been read and not written yet.
    pub(crate) fn in_hand(&self) -> usize {
        self.taken.saturating_sub(self.received.len())
    }

    /// Whether there is something to be done for it.
    pub(crate) fn can_go_on(&self) -> bool {
        if self.in_hand() > 0 {
            return self.room > 0 || self.peer == PeerEnd::Reset;
        }
        !self.incoming.is_empty() || self.peer != PeerEnd::Open
    }

    pub(crate) fn breaks(&mut self, law: &str) {
        self.broken
            .push(format!("connection {}: {law}", self.number));
    }

    /// What the kernel tells now.
    pub(crate) fn told(&mut self) -> Happened {
        if self.kind == Kind::Edge {
            return std::mem::take(&mut self.edge);
        }
        let mut told = Happened::default();
        if std::mem::take(&mut self.armed.0) {
            told.readable = std::mem::take(&mut self.edge.readable);
            told.read_closed = std::mem::take(&mut self.edge.read_closed);
            self.armed.0 = !(told.readable || told.read_closed);
        }
        if std::mem::take(&mut self.armed.1) {
            told.writable = std::mem::take(&mut self.edge.writable);
            self.armed.1 = !told.writable;
        }
        told.error = std::mem::take(&mut self.edge.error);
        told
    }

    fn note(&mut self, now: Time, event: Event) {
        self.trace.note(now, self.number, event);
    }

    fn cut_short(&mut self, most: usize) -> usize {
        match self.kind {
            Kind::Edge => most,
            Kind::Armed if self.random.once_in(2) => 1 + self.random.below(most),
            Kind::Armed => most,
        }
    }

    fn read(&mut self, now: Time, buffer: &mut [u8]) -> io::Result<usize> {
        if self.closed {
            self.breaks("it reads after the close");
        }
        if self.failed {
            self.breaks("it reads after an error");
        }
        if self.in_hand() > 0 {
            self.breaks("it reads on while the peer has not taken what came before");
        }
        if self.random.once_in(16) {
            return Err(ErrorKind::Interrupted.into());
        }
        if self.peer == PeerEnd::Reset {
            self.failed = true;
            self.note(now, Event::FindsReset);
            return Err(ErrorKind::ConnectionReset.into());
        }
        if self.incoming.is_empty() {
            if self.peer == PeerEnd::Ended {
                self.saw_end = true;
                self.note(now, Event::Reads(0));
                return Ok(0);
            }
            self.armed.0 = true;
            return Err(ErrorKind::WouldBlock.into());
        }
        let most = buffer.len().min(self.incoming.len());
        let count = self.cut_short(most);
        for (place, byte) in buffer.iter_mut().zip(self.incoming.drain(..count)) {
            *place = byte;
        }
        self.taken += count;
        self.active = Some(now);
        self.note(now, Event::Reads(count));
        Ok(count)
    }

    fn write(&mut self, now: Time, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            self.breaks("it writes after the close");
            return Err(ErrorKind::BrokenPipe.into());
        }
        if self.failed {
            self.breaks("it writes after an error");
        }
        if self.random.once_in(16) {
            return Err(ErrorKind::Interrupted.into());
        }
        // A reset may come between a read and the write of what it read.
        if self.random.once_in(64) {
            self.happens(now, Event::PeerResets);
        }
        if self.peer == PeerEnd::Reset {
            self.failed = true;
            self.note(now, Event::FindsReset);
            return Err(ErrorKind::ConnectionReset.into());
        }
        if self.room == 0 {
            self.armed.1 = true;
            return Err(ErrorKind::WouldBlock.into());
        }
        let most = bytes.len().min(self.room);
        let count = self.cut_short(most);
        self.room -= count;
        self.received.extend(&bytes[..count]);
        self.active = Some(now);
        self.note(now, Event::Writes(count));
        Ok(count)
    }
}

/// What the connection is given: the socket, with the reactor's own memory of what it was told.
pub(crate) struct Stream {
    pub(crate) socket: Arc<Mutex<Socket>>,
    pub(crate) source: Rc<Source>,
    pub(crate) turn: Rc<Cell<u64>>,
    pub(crate) handle: Handle,
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut socket = lock(&self.socket);
        let (now, room, edge) = (self.handle.now(), buffer.len(), socket.kind == Kind::Edge);
        let short = |&count: &usize| edge && 0 < count && count < room;
        (self.source.reading()).poll_io(
            self.turn.get(),
            context,
            || socket.read(now, buffer),
            short,
        )
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut socket = lock(&self.socket);
        let (now, edge) = (self.handle.now(), socket.kind == Kind::Edge);
        let short = |&count: &usize| edge && count < bytes.len();
        (self.source.writing()).poll_io(
            self.turn.get(),
            context,
            || socket.write(now, bytes),
            short,
        )
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut socket = lock(&self.socket);
        if socket.failed {
            socket.breaks("it closes after an error");
        }
        socket.closed = true;
        let now = self.handle.now();
        if socket.random.once_in(8) {
            socket.failed = true;
            socket.close_failed = true;
            socket.note(now, Event::CloseFails);
            return Poll::Ready(Err(ErrorKind::NotConnected.into()));
        }
        socket.note(now, Event::Closes);
        Poll::Ready(Ok(()))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.forget();
    }
}

pub(crate) fn lock(socket: &Mutex<Socket>) -> MutexGuard<'_, Socket> {
    socket
        .lock()
        .expect("no code panics while it holds the lock of a socket")
}
