//! A socket that does not block, as the kernel keeps it, and what the kernel tells of it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::rc::Rc;

/// A socket, and the kernel's list in which it is. Clones are the same socket.
///
/// What has come in waits in it until it is read; what is written goes out as far as there is room. When something changes, the
/// next [`wait`](Kernel::wait) tells of it, once or again and again, as the [`Trigger`] says.
#[derive(Debug, Clone)]
pub struct Kernel {
    socket: Rc<RefCell<Socket>>,
}

/// When the kernel tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Whenever it is asked and there is something to be done: *level-triggered*.
    Level,
    /// Once for each change, even if the one before was not handled: *edge-triggered*, as epoll and kqueue do it.
    Edge,
    /// Once for a change, and then not before an attempt would have blocked: as mio does it on Windows.
    EdgeOnceDrained,
}

/// What one event says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// There is something to read, the end included.
    pub readable: bool,
    /// The end has come in.
    pub read_closed: bool,
    /// There is room to write.
    pub writable: bool,
}

#[derive(Debug)]
struct Socket {
    trigger: Trigger,
    incoming: VecDeque<u8>,
    ended: bool,
    room: usize,
    sent: Vec<u8>,
    sent_end: bool,
    edge: Told,
    interrupts: usize,
    reads: usize,
    /// Whether a read, or a write, may be told of: with `EdgeOnceDrained`.
    armed: (bool, bool),
}

impl Kernel {
    /// A connected socket with nothing in it, and no room to write.
    #[must_use]
    pub fn new(trigger: Trigger) -> Kernel {
        let socket = Socket {
            trigger,
            incoming: VecDeque::new(),
            ended: false,
            room: 0,
            sent: Vec::new(),
            sent_end: false,
            edge: Told::default(),
            interrupts: 0,
            reads: 0,
            armed: (true, true),
        };
        Kernel {
            socket: Rc::new(RefCell::new(socket)),
        }
    }

    /// Bytes come in.
    pub fn arrives(&self, bytes: &[u8]) {
        let mut socket = self.socket.borrow_mut();
        socket.incoming.extend(bytes);
        socket.edge.readable = true;
    }

    /// The end comes in.
    pub fn ends(&self) {
        let mut socket = self.socket.borrow_mut();
        socket.ended = true;
        socket.edge.readable = true;
        socket.edge.read_closed = true;
    }

    /// There is room for `room` bytes more.
    pub fn drains(&self, room: usize) {
        let mut socket = self.socket.borrow_mut();
        socket.room += room;
        socket.edge.writable = true;
    }

    /// The next `times` reads and writes are interrupted.
    pub fn interrupts(&self, times: usize) {
        self.socket.borrow_mut().interrupts = times;
    }

    /// What the kernel reports to a waiting reactor; `None` if the reactor would wait on.
    #[must_use]
    pub fn wait(&self) -> Option<Told> {
        let mut socket = self.socket.borrow_mut();
        let told = match socket.trigger {
            Trigger::Level => Told {
                readable: socket.ended || !socket.incoming.is_empty(),
                read_closed: socket.ended,
                writable: socket.room > 0,
            },
            Trigger::Edge => std::mem::take(&mut socket.edge),
            Trigger::EdgeOnceDrained => socket.armed_edges(),
        };
        (told != Told::default()).then_some(told)
    }

    /// What has gone out.
    #[must_use]
    pub fn sent(&self) -> Vec<u8> {
        self.socket.borrow().sent.clone()
    }

    /// The socket's owner sends the end.
    pub fn shut_down(&self) {
        self.socket.borrow_mut().sent_end = true;
    }

    /// Whether it has.
    #[must_use]
    pub fn is_shut_down(&self) -> bool {
        self.socket.borrow().sent_end
    }

    /// How often the code under test tried to read.
    #[must_use]
    pub fn reads(&self) -> usize {
        self.socket.borrow().reads
    }

    /// How many bytes wait to be read.
    #[must_use]
    pub fn unread(&self) -> usize {
        self.socket.borrow().incoming.len()
    }
}

impl Socket {
    fn armed_edges(&mut self) -> Told {
        let mut told = Told::default();
        if self.armed.0 && self.edge.readable {
            self.armed.0 = false;
            told.readable = std::mem::take(&mut self.edge.readable);
            told.read_closed = std::mem::take(&mut self.edge.read_closed);
        }
        if self.armed.1 && self.edge.writable {
            self.armed.1 = false;
            told.writable = std::mem::take(&mut self.edge.writable);
        }
        told
    }

    fn interrupted(&mut self) -> io::Result<()> {
        if self.interrupts == 0 {
            return Ok(());
        }
        self.interrupts -= 1;
        Err(ErrorKind::Interrupted.into())
    }
}

impl Read for &Kernel {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut socket = self.socket.borrow_mut();
        socket.reads += 1;
        socket.interrupted()?;
        if socket.incoming.is_empty() && !socket.ended {
            socket.armed.0 = true;
            return Err(ErrorKind::WouldBlock.into());
        }
        socket.incoming.read(buffer)
    }
}

impl Write for &Kernel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut socket = self.socket.borrow_mut();
        socket.interrupted()?;
        if socket.sent_end {
            return Err(ErrorKind::BrokenPipe.into());
        }
        if socket.room == 0 {
            socket.armed.1 = true;
            return Err(ErrorKind::WouldBlock.into());
        }
        let count = bytes.len().min(socket.room);
        socket.room -= count;
        socket.sent.extend(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
