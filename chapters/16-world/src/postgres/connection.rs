//! The future that moves the bytes of one connection.

use std::fmt;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};
use postgres_protocol::message::frontend;

use super::error::Error;
use super::shared::Shared;
use super::wire::Wire;

/// How often one poll may read before other tasks have their turn.
const ROUNDS: usize = 16;

/// Moves the bytes of one connection: spawn it. It completes with `Ok` when all clients are dropped and
/// their requests answered, and with an error when the connection is lost.
///
/// # Cancel safety
///
/// Dropping it closes the connection, and every request fails.
#[must_use = "a connection does nothing unless it is polled: spawn it"]
pub struct Connection<S> {
    wire: Wire<S>,
    shared: Rc<Shared>,
    phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    /// The farewell is being written.
    Leaving,
}

impl<S> Connection<S> {
    pub(super) fn new(wire: Wire<S>, shared: Rc<Shared>) -> Connection<S> {
        Connection {
            wire,
            shared,
            phase: Phase::Serving,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    // ANCHOR: serve
    /// Writes and reads until the stream has nothing more to say. Neither direction waits for the other: a server
    /// that cannot send its answers stops reading requests.
    fn serve(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        for _ in 0..ROUNDS {
            let moved = self.shared.fill(&mut self.wire.outgoing);
            let mut written = 0;
            if let Poll::Ready(Err(error)) = self.wire.poll_write(context, &mut written) {
                self.read_what_is_left(context);
                return Poll::Ready(Err(error.into()));
            }
            let read = self.read(context)?;
            if self.shared.is_done() {
                return Poll::Ready(Ok(()));
            }
            if !moved && written == 0 && !read {
                return Poll::Pending;
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
    // ANCHOR_END: serve

    /// Reads and delivers, unless a caller has to take messages out first. Returns whether there was anything.
    fn read(&mut self, context: &mut Context<'_>) -> Result<bool, Error> {
        let mut delivered = false;
        loop {
            while !self.shared.is_full() {
                let Some(message) = self.wire.decode()? else {
                    break;
                };
                self.shared.deliver(message)?;
                delivered = true;
            }
            if self.shared.is_full() || delivered {
                return Ok(delivered);
            }
            match self.wire.poll_read(context) {
                Poll::Pending => return Ok(false),
                Poll::Ready(Err(error)) => return Err(error.into()),
                Poll::Ready(Ok(0)) => return Err(io::Error::from(ErrorKind::UnexpectedEof).into()),
                Poll::Ready(Ok(_count)) => {}
            }
        }
    }

    /// Writing failed. The server may have said why before it closed: that is read first.
    fn read_what_is_left(&mut self, context: &mut Context<'_>) {
        while let Ok(true) = self.read(context) {}
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Connection<S> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let this = self.get_mut();
        this.shared.set_driver(context.waker());
        if this.phase == Phase::Serving {
            match this.serve(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => {
                    this.shared.end(error.clone());
                    return Poll::Ready(Err(this.shared.ended().unwrap_or(error)));
                }
                Poll::Ready(Ok(())) => {
                    frontend::terminate(&mut this.wire.outgoing);
                    this.phase = Phase::Leaving;
                }
            }
        }
        // The server closes when it has read the farewell, so an error here is no loss.
        if this.wire.poll_write(context, &mut 0).is_pending() {
            return Poll::Pending;
        }
        this.wire.poll_close(context).map(|_closed| {
            this.shared
                .end(Error::lost(ErrorKind::NotConnected, "it was closed"));
            Ok(())
        })
    }
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.shared.end(Error::lost(
            ErrorKind::ConnectionAborted,
            "the task of the connection was dropped",
        ));
    }
}

impl<S> fmt::Debug for Connection<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Connection")
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}
