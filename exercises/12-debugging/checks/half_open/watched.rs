//! The server's end of the connection: a simulated stream that notes what arrives and what is written.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::super::subject::PING;
use event_loop::Handle;
use futures::io::{AsyncRead, AsyncWrite};
use probe::Run;

/// What crossed the border of the learner's code.
pub(super) struct Seen {
    pub(super) run: Run,
    pub(super) handle: Handle,
    /// When `subscription` was called.
    pub(super) started: Duration,
    /// When the last byte was read; at first, when `subscription` was called.
    pub(super) heard: Cell<Duration>,
    /// The bytes that were read last.
    pub(super) last_heard: RefCell<Vec<u8>>,
    pub(super) all_heard: RefCell<Vec<Duration>>,
    /// When the last write succeeded.
    pub(super) wrote: Cell<Option<Duration>>,
    /// When bytes of an update were written.
    pub(super) all_wrote: RefCell<Vec<Duration>>,
    /// When a write last began to wait for room.
    pub(super) blocked_since: Cell<Option<Duration>>,
    /// Whether the close returns an error.
    pub(super) close_fails: Cell<bool>,
    /// Whether the last attempt to write found no room.
    pub(super) is_blocked: Cell<bool>,
    /// Whether any has.
    pub(super) was_blocked: Cell<bool>,
    pub(super) written: RefCell<Vec<u8>>,
    announced: Cell<usize>,
    /// For each update that is not written yet, after how many bytes of updates it is.
    pub(super) edges: RefCell<VecDeque<usize>>,
    /// When each ping was written.
    pub(super) pings: RefCell<Vec<Duration>>,
    /// The line of the run of each ping.
    pub(super) ping_lines: RefCell<Vec<Option<usize>>>,
    /// When the end was read, an error was returned, and when every update was written after the last one.
    pub(super) left: Cell<Option<Duration>>,
    pub(super) failed: Cell<Option<Duration>>,
    ends_read: Cell<u32>,
}

impl Seen {
    pub(super) fn new(run: &Run, handle: &Handle) -> Rc<Seen> {
        Rc::new(Seen {
            run: run.clone(),
            handle: handle.clone(),
            started: handle.now().since_start(),
            heard: Cell::new(handle.now().since_start()),
            last_heard: RefCell::default(),
            all_heard: RefCell::default(),
            wrote: Cell::new(None),
            all_wrote: RefCell::default(),
            blocked_since: Cell::new(None),
            close_fails: Cell::new(false),
            is_blocked: Cell::new(false),
            was_blocked: Cell::new(false),
            written: RefCell::default(),
            announced: Cell::new(0),
            edges: RefCell::default(),
            pings: RefCell::default(),
            ping_lines: RefCell::default(),
            left: Cell::new(None),
            failed: Cell::new(None),
            ends_read: Cell::new(0),
        })
    }

    pub(super) fn now(&self) -> Duration {
        self.handle.now().since_start()
    }

    /// Writes a line of the run. Its clock starts with the call.
    pub(super) fn says(&self, track: &str, what: impl Into<String>) {
        self.run.recorder().set_time(self.now() - self.started);
        self.run.recorder().says(track, what);
    }

    /// There is one more update.
    pub(super) fn announces(&self, size: usize) {
        self.announced.set(self.announced.get() + size);
        self.edges.borrow_mut().push_back(self.announced.get());
    }

    fn read(&self, read: &io::Result<usize>, buffer: &[u8]) {
        match read {
            Ok(0) => {
                self.ends_read.set(self.ends_read.get() + 1);
                if self.left.get().is_none() {
                    self.left.set(Some(self.now()));
                    self.says("server", "reads the end");
                }
                if self.ends_read.get() > 20 {
                    self.run.diagnose(
                        "end-taken-for-a-message",
                        "The subscriber had sent its end, and your code read it more than twenty times, without end.",
                    );
                }
            }
            Ok(count) => {
                self.heard.set(self.now());
                *self.last_heard.borrow_mut() = buffer[..*count].to_vec();
                self.all_heard.borrow_mut().push(self.now());
                self.says("server", format!("hears {count} B"));
            }
            Err(error) => self.fails("a read", error),
        }
    }

    fn wrote(&self, bytes: &[u8]) {
        self.wrote.set(Some(self.now()));
        self.written.borrow_mut().extend(bytes);
        let pings = bytes.iter().filter(|byte| **byte == PING).count();
        if pings < bytes.len() {
            self.all_wrote.borrow_mut().push(self.now());
        }
        for _ in 0..pings {
            self.pings.borrow_mut().push(self.now());
        }
        for _ in 0..pings {
            self.says("server", "writes a ping");
            let line = self.run.recorder().last_event();
            self.ping_lines.borrow_mut().push(line);
        }
        let at_once = |at: &&Duration| **at == self.now();
        if self.pings.borrow().iter().rev().take_while(at_once).count() > 100 {
            self.run.diagnose(
                "ping-again-at-once",
                "More than a hundred pings were written at one moment. When a ping is due, one is written, and the next is due 10 s later.",
            );
        }
        let written = self.written.borrow();
        let count = written.iter().filter(|byte| **byte != PING).count();
        while self
            .edges
            .borrow()
            .front()
            .is_some_and(|edge| *edge <= count)
        {
            self.edges.borrow_mut().pop_front();
            self.says("server", "has written an update");
        }
    }

    fn fails(&self, what: &str, error: &io::Error) {
        if self.failed.get().is_none() {
            self.failed.set(Some(self.now()));
        }
        self.says("server", format!("{what} fails: {}", error.kind()));
    }
}

/// The stream that the learner's code gets.
pub(super) struct Watched {
    pub(super) stream: Rc<simnet::Stream>,
    pub(super) seen: Rc<Seen>,
}

impl AsyncRead for Watched {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = ready!(Pin::new(&mut &*self.stream).poll_read(context, buffer));
        if !buffer.is_empty() {
            self.seen.read(&read, buffer);
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let seen = &self.seen;
        let written = Pin::new(&mut &*self.stream).poll_write(context, bytes);
        if written.is_pending() && !seen.is_blocked.replace(true) {
            seen.was_blocked.set(true);
            seen.blocked_since.set(Some(seen.now()));
            seen.says("server", "a write waits: the send buffer is full");
        }
        let written = ready!(written);
        seen.is_blocked.set(false);
        match &written {
            Ok(0) => {}
            Ok(count) => seen.wrote(&bytes[..*count]),
            Err(error) => seen.fails("a write", error),
        }
        Poll::Ready(written)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut &*self.stream).poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.seen.close_fails.get() {
            let error = io::Error::from(io::ErrorKind::ConnectionReset);
            self.seen.fails("the close", &error);
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut &*self.stream).poll_close(context)
    }
}
