//! Two ends of a connection in memory: what one end writes, the other reads. For programs and tests on one thread.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::io::{AsyncRead, AsyncWrite};

/// One direction.
#[derive(Debug, Default)]
struct Pipe {
    bytes: VecDeque<u8>,
    capacity: usize,
    reader: Option<Waker>,
    writer: Option<Waker>,
    /// The writing end was closed or dropped.
    is_closed: bool,
    /// The reading end was dropped.
    is_deaf: bool,
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// One end of a connection in memory. Dropping it ends the other end's reads, and fails its writes.
///
/// # Cancel safety
///
/// A read or a write happens in the poll that is ready, or not at all.
#[derive(Debug)]
pub struct Duplex {
    incoming: Rc<RefCell<Pipe>>,
    outgoing: Rc<RefCell<Pipe>>,
}

/// Two connected ends. Each direction holds at most `capacity` bytes that were not read.
///
/// ```
/// use event_loop::EventLoop;
/// use futures::io::{AsyncReadExt, AsyncWriteExt};
/// use world::duplex::duplex;
///
/// EventLoop::new().block_on(async {
///     let (mut one, mut other) = duplex(64);
///     one.write_all(b"hello").await.unwrap();
///     drop(one);
///     let mut heard = String::new();
///     other.read_to_string(&mut heard).await.unwrap();
///     assert_eq!(heard, "hello");
/// });
/// ```
#[must_use]
pub fn duplex(capacity: usize) -> (Duplex, Duplex) {
    let pipe = || {
        Rc::new(RefCell::new(Pipe {
            capacity,
            ..Pipe::default()
        }))
    };
    let (there, back) = (pipe(), pipe());
    let one = Duplex {
        incoming: Rc::clone(&back),
        outgoing: Rc::clone(&there),
    };
    let other = Duplex {
        incoming: there,
        outgoing: back,
    };
    (one, other)
}

impl AsyncRead for Duplex {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut pipe = self.incoming.borrow_mut();
        if pipe.bytes.is_empty() && !pipe.is_closed && !buffer.is_empty() {
            pipe.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        let count = pipe.bytes.read(buffer)?;
        let writer = pipe.writer.take();
        // The waker is called without the borrow: it may use the other end.
        drop(pipe);
        wake(writer);
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for Duplex {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    // ANCHOR: vectored
    /// Takes bytes of all buffers, as the system call `writev` does. The trait's default takes the first buffer alone.
    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut pipe = self.outgoing.borrow_mut();
        if pipe.is_closed || pipe.is_deaf {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        let before = pipe.bytes.len();
        for buffer in buffers {
            let count = buffer.len().min(pipe.capacity - pipe.bytes.len());
            pipe.bytes.extend(&buffer[..count]);
        }
        let count = pipe.bytes.len() - before;
        if count == 0 && buffers.iter().any(|buffer| !buffer.is_empty()) {
            pipe.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        let reader = pipe.reader.take();
        drop(pipe);
        wake(reader);
        Poll::Ready(Ok(count))
    }
    // ANCHOR_END: vectored

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        close(&self.outgoing);
        Poll::Ready(Ok(()))
    }
}

/// No further byte will be written.
fn close(pipe: &RefCell<Pipe>) {
    let mut pipe = pipe.borrow_mut();
    pipe.is_closed = true;
    let reader = pipe.reader.take();
    drop(pipe);
    wake(reader);
}

impl Drop for Duplex {
    fn drop(&mut self) {
        close(&self.outgoing);
        let mut pipe = self.incoming.borrow_mut();
        pipe.is_deaf = true;
        let writer = pipe.writer.take();
        drop(pipe);
        wake(writer);
    }
}
