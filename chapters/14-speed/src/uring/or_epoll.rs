//! A ring, or epoll where there is none: the same reads on both.

use std::fmt;
use std::future::Future;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::{Driver, Time, Unparker};
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token, event};
use reactor::{Reactor, Registered};

use crate::buffer::Buffer;
use crate::ring::cancelled;
use crate::uring::{Refused, Source, SourceRead, Uring};

/// A driver on a ring, or chapter 05's reactor where this process gets none.
///
/// ```
/// use speed::uring::{RingOrEpoll, Uring};
///
/// # fn main() -> std::io::Result<()> {
/// let (driver, refused) = RingOrEpoll::new(Uring::new())?;
/// if let Some(refused) = refused {
///     eprintln!("{refused}");
/// }
/// # let _ = driver;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum RingOrEpoll {
    /// On a ring.
    Ring(Uring),
    /// On epoll.
    Epoll(Reactor),
}

impl RingOrEpoll {
    /// The driver, and why it has no ring, if it has none.
    ///
    /// # Errors
    ///
    /// If the system has no epoll either.
    // ANCHOR: new
    pub fn new(ring: Result<Uring, Refused>) -> io::Result<(RingOrEpoll, Option<Refused>)> {
        match ring {
            Ok(uring) => Ok((RingOrEpoll::Ring(uring), None)),
            Err(refused) => Ok((RingOrEpoll::Epoll(Reactor::new()?), Some(refused))),
        }
    }
    // ANCHOR_END: new

    /// A socket or a pipe to read from.
    ///
    /// # Errors
    ///
    /// If epoll does not watch such a descriptor: that of a file.
    pub fn source(&self, descriptor: OwnedFd) -> io::Result<AnySource> {
        match self {
            RingOrEpoll::Ring(uring) => {
                rustix::io::ioctl_fionbio(&descriptor, false)?;
                Ok(AnySource(Way::Ring(uring.source(descriptor))))
            }
            RingOrEpoll::Epoll(reactor) => {
                rustix::io::ioctl_fionbio(&descriptor, true)?;
                let unknown = reactor::Source::new();
                let watched = Watched(descriptor);
                let handle = reactor.handle();
                let watched = Registered::new(&handle, watched, unknown, Interest::READABLE)?;
                Ok(AnySource(Way::Epoll(Rc::new(watched))))
            }
        }
    }
}

impl Driver for RingOrEpoll {
    fn now(&self) -> Time {
        match self {
            RingOrEpoll::Ring(uring) => uring.now(),
            RingOrEpoll::Epoll(reactor) => reactor.now(),
        }
    }

    fn coarse_now(&self) -> Time {
        match self {
            RingOrEpoll::Ring(uring) => uring.coarse_now(),
            RingOrEpoll::Epoll(reactor) => reactor.coarse_now(),
        }
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        match self {
            RingOrEpoll::Ring(uring) => uring.park(timeout),
            RingOrEpoll::Epoll(reactor) => reactor.park(timeout),
        }
    }

    fn unparker(&self) -> Unparker {
        match self {
            RingOrEpoll::Ring(uring) => uring.unparker(),
            RingOrEpoll::Epoll(reactor) => reactor.unparker(),
        }
    }
}

/// A socket or a pipe on a [`RingOrEpoll`].
#[derive(Debug, Clone)]
pub struct AnySource(Way);

#[derive(Debug, Clone)]
enum Way {
    Ring(Source),
    Epoll(Rc<Registered<Watched>>),
}

impl AnySource {
    /// Reads into this buffer, as soon as there is something to read. Returns how many bytes, and the
    /// buffer. Zero bytes are the end.
    ///
    /// # Cancel safety
    ///
    /// As [`Source::read`]: the caller does not know on which driver it runs.
    pub fn read(&self, buffer: Buffer) -> AnyRead {
        AnyRead(match &self.0 {
            Way::Ring(source) => Reading::Ring(source.read(buffer)),
            Way::Epoll(watched) => Reading::Epoll {
                watched: Rc::clone(watched),
                buffer: Some(buffer),
                is_cancelled: false,
            },
        })
    }
}

/// The future of [`AnySource::read`].
#[must_use = "a read that is not polled does not begin"]
pub struct AnyRead(Reading);

enum Reading {
    Ring(SourceRead),
    Epoll {
        watched: Rc<Registered<Watched>>,
        buffer: Option<Buffer>,
        is_cancelled: bool,
    },
}

impl AnyRead {
    /// As [`Read::cancel`](crate::owned_read::Read::cancel).
    pub fn cancel(&mut self) {
        match &mut self.0 {
            Reading::Ring(read) => read.cancel(),
            Reading::Epoll { is_cancelled, .. } => *is_cancelled = true,
        }
    }
}

impl Future for AnyRead {
    type Output = (io::Result<usize>, Buffer);

    /// # Panics
    ///
    /// If it is polled after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let (watched, buffer, is_cancelled) = match &mut self.0 {
            Reading::Ring(read) => return Pin::new(read).poll(context),
            Reading::Epoll {
                watched,
                buffer,
                is_cancelled,
            } => (watched, buffer, *is_cancelled),
        };
        let mut owned = buffer.take().expect("it was ready before");
        if is_cancelled {
            return Poll::Ready((Err(cancelled()), owned));
        }
        let mut bytes = owned.lend();
        let attempt = |watched: &Watched| {
            bytes.fill(|bytes| rustix::io::read(&watched.0, bytes).map_err(io::Error::from))
        };
        let polled = watched.poll_read_io(context, attempt, |_| false);
        drop(bytes);
        match polled {
            Poll::Ready(result) => Poll::Ready((result, owned)),
            Poll::Pending => {
                *buffer = Some(owned);
                Poll::Pending
            }
        }
    }
}

impl fmt::Debug for AnyRead {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("AnyRead")
    }
}

/// A descriptor that mio watches.
struct Watched(OwnedFd);

impl event::Source for Watched {
    fn register(&mut self, to: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(to, token, interest)
    }

    fn reregister(&mut self, to: &Registry, token: Token, interest: Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(to, token, interest)
    }

    fn deregister(&mut self, from: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(from)
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}
