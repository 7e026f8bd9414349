//! A stream whose other end is a Redis server that the check plays.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use futures::io::{AsyncRead, AsyncWrite};
use world::redis::{Value, decode};

/// The server's end. A clone is the same server.
#[derive(Clone, Default)]
pub(super) struct Server(Rc<RefCell<Wire>>);

/// The client's end.
pub(super) struct Stream(Rc<RefCell<Wire>>);

#[derive(Default)]
struct Wire {
    to_client: VecDeque<u8>,
    reader: Option<Waker>,
    end: Option<ErrorKind>,
    /// Written and not flushed.
    held: Vec<u8>,
    bytes: Vec<u8>,
    /// The commands that the server has read and not answered.
    commands: VecDeque<String>,
    received: usize,
    nonsense: bool,
    stalled: bool,
    /// How many bytes one write takes; 0 stands for all.
    piece: usize,
    writer: Option<Waker>,
    writes: usize,
    flushes: usize,
    /// The operation that fails from now on, with `BrokenPipe`.
    failing: Option<Operation>,
    /// The operation that waits until it is told to go on.
    waiting: Option<Operation>,
    closed: bool,
    close_begun: bool,
    /// The rest of an answer of which a part was sent.
    rest: Vec<u8>,
}

/// What a stream can refuse, or put off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Operation {
    Write,
    Flush,
    Close,
}

impl Server {
    /// From now on this operation fails.
    pub(super) fn fails(&self, operation: Operation) {
        self.0.borrow_mut().failing = Some(operation);
    }

    /// From now on this operation waits; with `None` it goes on.
    pub(super) fn puts_off(&self, operation: Option<Operation>) {
        let waker = {
            let mut wire = self.0.borrow_mut();
            wire.waiting = operation;
            if operation.is_none() {
                wire.writer.take()
            } else {
                None
            }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn has_begun_to_close(&self) -> bool {
        self.0.borrow().close_begun
    }

    pub(super) fn flushes(&self) -> usize {
        self.0.borrow().flushes
    }

    pub(super) fn stream(&self) -> Stream {
        Stream(Rc::clone(&self.0))
    }

    /// Sends these bytes, which one read returns.
    pub(super) fn sends(&self, bytes: &[u8]) {
        let waker = {
            let mut wire = self.0.borrow_mut();
            wire.to_client.extend(bytes);
            wire.reader.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Answers the oldest command with its own word: `+7` to `ECHO 7`. `None` if there is none.
    pub(super) fn answer(&self) -> Option<Vec<u8>> {
        let mut wire = self.0.borrow_mut();
        if !wire.rest.is_empty() {
            return Some(std::mem::take(&mut wire.rest));
        }
        let word = wire.commands.pop_front()?;
        Some(format!("+{word}\r\n").into_bytes())
    }

    /// Whether it has this many answers to send.
    pub(super) fn can_answer(&self, count: usize) -> bool {
        let wire = self.0.borrow();
        wire.commands.len() + usize::from(!wire.rest.is_empty()) >= count
    }

    /// Sends the first bytes of an answer. The next answer is the rest of it.
    pub(super) fn answers_in_part(&self) -> Option<()> {
        if !self.0.borrow().rest.is_empty() {
            return None;
        }
        let mut answer = self.answer()?;
        let rest = answer.split_off(2);
        self.0.borrow_mut().rest = rest;
        self.sends(&answer);
        Some(())
    }

    pub(super) fn ends(&self) {
        self.breaks(ErrorKind::UnexpectedEof);
    }

    /// Reads fail with this error; `UnexpectedEof` is a read of 0 bytes.
    pub(super) fn breaks(&self, error: ErrorKind) {
        let waker = {
            let mut wire = self.0.borrow_mut();
            wire.end = Some(error);
            wire.reader.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Takes nothing until it takes again.
    pub(super) fn stalls(&self, stalled: bool) {
        let waker = {
            let mut wire = self.0.borrow_mut();
            wire.stalled = stalled;
            if stalled { None } else { wire.writer.take() }
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn is_stalled(&self) -> bool {
        self.0.borrow().stalled
    }

    pub(super) fn takes(&self, piece: usize) {
        self.0.borrow_mut().piece = piece;
    }

    /// How many commands have reached it; `None` if it got something else.
    pub(super) fn received(&self) -> Option<usize> {
        let wire = self.0.borrow();
        (!wire.nonsense).then_some(wire.received)
    }

    pub(super) fn writes(&self) -> usize {
        self.0.borrow().writes
    }

    pub(super) fn held_back(&self) -> usize {
        self.0.borrow().held.len()
    }

    /// Whether the client has left bytes in the stream, and no waker waits for them.
    pub(super) fn is_left_unread(&self) -> bool {
        let wire = self.0.borrow();
        !wire.to_client.is_empty() && wire.reader.is_none()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.0.borrow().closed
    }
}

impl Wire {
    fn flush(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.bytes.extend(held);
        loop {
            match decode(&mut self.bytes) {
                Ok(None) => return,
                Ok(Some(Value::Array(words))) if words.len() == 2 => match &words[1] {
                    Value::Bulk(word) => {
                        self.received += 1;
                        let word = String::from_utf8_lossy(word).into_owned();
                        self.commands.push_back(word);
                    }
                    _other => self.nonsense = true,
                },
                _other => {
                    self.nonsense = true;
                    return;
                }
            }
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
        if wire.to_client.is_empty() {
            match wire.end {
                Some(ErrorKind::UnexpectedEof) => return Poll::Ready(Ok(0)),
                Some(error) => return Poll::Ready(Err(error.into())),
                None => {}
            }
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
        if wire.failing == Some(Operation::Write) {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        if wire.stalled {
            let older = wire.writer.replace(context.waker().clone());
            drop(wire);
            drop(older);
            return Poll::Pending;
        }
        wire.writes += 1;
        let count = match wire.piece {
            0 => bytes.len(),
            piece => bytes.len().min(piece),
        };
        wire.held.extend(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_operation(Operation::Flush, context))?;
        let mut wire = self.0.borrow_mut();
        wire.flushes += 1;
        wire.flush();
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.borrow_mut().close_begun = true;
        ready!(self.poll_operation(Operation::Close, context))?;
        let mut wire = self.0.borrow_mut();
        wire.flush();
        wire.closed = true;
        Poll::Ready(Ok(()))
    }
}

impl Stream {
    /// Ready unless this operation fails or waits.
    fn poll_operation(&self, operation: Operation, context: &Context<'_>) -> Poll<io::Result<()>> {
        let mut wire = self.0.borrow_mut();
        if wire.failing == Some(operation) {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        if wire.waiting == Some(operation) {
            let older = wire.writer.replace(context.waker().clone());
            drop(wire);
            drop(older);
            return Poll::Pending;
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let wakers = {
            let mut wire = self.0.borrow_mut();
            (wire.reader.take(), wire.writer.take())
        };
        drop(wakers);
    }
}
