//! A descriptor to read from, in both ways: when it is ready, or by the kernel.

use std::cell::RefCell;
use std::fmt;
use std::future::Future;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use rustix::event::PollFlags;

use crate::buffer::Buffer;
use crate::owned_read::{Read, Reads};
use crate::uring::driver::{Waiters, readable};
use crate::uring::requests::Requests;

/// A socket or a pipe on a [`Uring`](crate::uring::Uring). A clone is the same one; the descriptor is
/// closed with the last clone and the last request in flight.
#[derive(Clone)]
pub struct Source {
    descriptor: Rc<OwnedFd>,
    requests: Requests,
    reads: Reads<Requests>,
    waiters: Rc<RefCell<Waiters>>,
}

impl Source {
    pub(crate) fn new(
        descriptor: Rc<OwnedFd>,
        requests: Requests,
        reads: Reads<Requests>,
        waiters: Rc<RefCell<Waiters>>,
    ) -> Source {
        Source {
            descriptor,
            requests,
            reads,
            waiters,
        }
    }

    /// Has the kernel read into this buffer, as soon as there is something to read. Returns how many
    /// bytes, and the buffer. Zero bytes are the end.
    ///
    /// # Cancel safety
    ///
    /// As [`Read`]: a read that is dropped in flight may lose bytes; one that is
    /// [cancelled](Read::cancel) and awaited does not.
    pub fn read(&self, buffer: Buffer) -> SourceRead {
        SourceRead {
            read: self.reads.read(self.descriptor.as_raw_fd(), buffer),
            _descriptor: Rc::clone(&self.descriptor),
        }
    }

    /// Waits until there is something to read. The task then reads by itself.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost: no byte has been read.
    pub fn readable(&self) -> Ready {
        self.ready(readable())
    }

    /// Waits until there is room to write.
    ///
    /// # Cancel safety
    ///
    /// As [`readable`](Source::readable).
    pub fn writable(&self) -> Ready {
        self.ready(u32::from(PollFlags::OUT.bits()))
    }

    fn ready(&self, events: u32) -> Ready {
        Ready {
            source: self.clone(),
            events,
            name: None,
        }
    }
}

impl AsFd for Source {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Source").field(&self.descriptor).finish()
    }
}

/// The future of [`Source::read`].
#[derive(Debug)]
#[must_use = "a read that is not polled does not begin"]
pub struct SourceRead {
    // Dropped first: its cancellation names a request whose descriptor is still open.
    read: Read<Requests>,
    _descriptor: Rc<OwnedFd>,
}

impl SourceRead {
    /// As [`Read::cancel`].
    pub fn cancel(&mut self) {
        self.read.cancel();
    }
}

impl Future for SourceRead {
    type Output = (io::Result<usize>, Buffer);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.read).poll(context)
    }
}

/// The future of [`Source::readable`] and [`Source::writable`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Ready {
    source: Source,
    events: u32,
    /// The poll that is in flight.
    name: Option<u64>,
}

impl Future for Ready {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let name = match self.name {
            Some(name) => name,
            None => {
                let name = self
                    .source
                    .requests
                    .poll_once(&self.source.descriptor, self.events);
                self.name = Some(name);
                let waker = Some(context.waker().clone());
                self.source.waiters.borrow_mut().insert(name, waker);
                return Poll::Pending;
            }
        };
        let newest = context.waker().clone();
        let mut waiters = self.source.waiters.borrow_mut();
        match waiters.get_mut(&name) {
            Some(Some(waker)) => {
                let old = std::mem::replace(waker, newest);
                drop(waiters);
                drop(old);
                Poll::Pending
            }
            Some(None) | None => {
                waiters.remove(&name);
                drop(waiters);
                self.name = None;
                Poll::Ready(())
            }
        }
    }
}

impl Drop for Ready {
    fn drop(&mut self) {
        let Some(name) = self.name else { return };
        let waiter = self.source.waiters.borrow_mut().remove(&name);
        if let Some(Some(_waker)) = waiter {
            self.source.requests.give_up(name);
        }
    }
}
