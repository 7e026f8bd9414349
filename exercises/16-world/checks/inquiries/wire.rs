//! A stream whose other end is a database that the check plays: it answers the line `bolts` with `stock of bolts`.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::io::{AsyncRead, AsyncWrite};

/// The database's end. A clone is the same one.
#[derive(Clone)]
pub(super) struct Server(Rc<RefCell<Wire>>);

/// The client's end.
pub(super) struct Stream(Rc<RefCell<Wire>>);

struct Wire {
    to_client: VecDeque<u8>,
    reader: Option<Waker>,
    ended: bool,
    received: Vec<u8>,
    /// How many lines it has answered.
    answered: usize,
    /// How many more bytes it takes.
    room: usize,
    writer: Option<Waker>,
}

impl Server {
    pub(super) fn new() -> Server {
        Server(Rc::new(RefCell::new(Wire {
            to_client: VecDeque::new(),
            reader: None,
            ended: false,
            received: Vec::new(),
            answered: 0,
            room: usize::MAX,
            writer: None,
        })))
    }

    pub(super) fn stream(&self) -> Stream {
        Stream(Rc::clone(&self.0))
    }

    /// Everything that it was sent.
    pub(super) fn received(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow().received).into_owned()
    }

    /// How many whole lines it has, and has not answered.
    pub(super) fn can_answer(&self) -> usize {
        let wire = self.0.borrow();
        let lines = wire.received.iter().filter(|byte| **byte == b'\n').count();
        lines - wire.answered
    }

    /// Answers this many of the oldest lines, in one piece. Returns the answers.
    pub(super) fn answers(&self, count: usize) -> Option<String> {
        if self.can_answer() < count {
            return None;
        }
        let received = self.received();
        let mut wire = self.0.borrow_mut();
        let answers: String = (received.lines())
            .skip(wire.answered)
            .take(count)
            .map(|line| format!("stock of {line}\n"))
            .collect();
        wire.answered += count;
        wire.to_client.extend(answers.bytes());
        let waker = wire.reader.take();
        drop(wire);
        if let Some(waker) = waker {
            waker.wake();
        }
        Some(answers)
    }

    /// Takes no more than this many bytes from now on.
    pub(super) fn takes(&self, room: usize) {
        let mut wire = self.0.borrow_mut();
        wire.room = room;
        let waker = if room > 0 { wire.writer.take() } else { None };
        drop(wire);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn room(&self) -> usize {
        self.0.borrow().room
    }

    pub(super) fn ends(&self) {
        let mut wire = self.0.borrow_mut();
        wire.ended = true;
        let waker = wire.reader.take();
        drop(wire);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut wire = self.0.borrow_mut();
        if wire.to_client.is_empty() && !wire.ended {
            let older = wire.reader.replace(context.waker().clone());
            drop(wire);
            drop(older);
            return Poll::Pending;
        }
        Poll::Ready(io::Read::read(&mut wire.to_client, buffer))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut wire = self.0.borrow_mut();
        let count = bytes.len().min(wire.room);
        if count == 0 && !bytes.is_empty() {
            let older = wire.writer.replace(context.waker().clone());
            drop(wire);
            drop(older);
            return Poll::Pending;
        }
        if wire.room != usize::MAX {
            wire.room -= count;
        }
        wire.received.extend(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut wire = self.0.borrow_mut();
        let wakers = (wire.reader.take(), wire.writer.take());
        drop(wire);
        drop(wakers);
    }
}
