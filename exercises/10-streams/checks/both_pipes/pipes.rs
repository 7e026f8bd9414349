//! Three pipes of limited size, and the ends that the code under test holds.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use futures::io::{AsyncRead, AsyncWrite};

use super::program::{Name, World};

#[derive(Debug, Default)]
pub(super) struct Pipe {
    pub(super) bytes: VecDeque<u8>,
    /// How many bytes went in.
    pub(super) written: usize,
    /// Whether the program has it open.
    pub(super) open: bool,
    /// Whether the code under test holds its end.
    pub(super) held: bool,
    pub(super) error: Option<ErrorKind>,
    /// Whether a call has returned the error.
    pub(super) error_returned: bool,
    pub(super) called: bool,
    pub(super) waker: Option<Waker>,
}

/// The end of a pipe that the code under test holds.
#[derive(Debug)]
pub(super) struct End(pub(super) Name, pub(super) Rc<RefCell<World>>);

impl AsyncRead for End {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut world = self.1.borrow_mut();
        if let Some(error) = world.fails(self.0) {
            return Poll::Ready(Err(error));
        }
        let pipe = world.pipe_mut(self.0);
        let count = pipe.bytes.read(buffer)?;
        if count == 0 && pipe.open && !buffer.is_empty() {
            pipe.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        world.moved += count;
        world.reads_of_the_end += usize::from(count == 0);
        if world.reads_of_the_end > 1_000 {
            let run = world.run.clone();
            drop(world);
            run.diagnose(
                "spins-at-the-end",
                "An output had ended, and more than 1,000 reads of it returned 0 bytes. A read of 0 bytes is the end: no byte will follow.",
            );
        }
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for End {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut world = self.1.borrow_mut();
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if let Some(error) = world.fails(self.0) {
            return Poll::Ready(Err(error));
        }
        let capacity = world.capacity;
        let pipe = world.pipe_mut(self.0);
        let count = (capacity - pipe.bytes.len()).min(bytes.len());
        if count == 0 {
            pipe.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        pipe.bytes.extend(&bytes[..count]);
        pipe.written += count;
        world.moved += count;
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// As for a pipe of chapter 05: its end is sent by dropping it.
    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let waker = {
            let mut world = self.1.borrow_mut();
            world.moved += 1;
            let pipe = world.pipe_mut(self.0);
            pipe.held = false;
            pipe.waker.take()
        };
        drop(waker);
    }
}
