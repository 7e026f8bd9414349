//! A limit for peers that do not read.

use std::future::Future;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite};

/// A stream whose write fails with `TimedOut` when the peer has taken no byte for `limit`.
///
/// hyper limits the time in which a request's head arrives. It does not limit the time in which the client
/// reads the answer.
///
/// The timer is set when a write is pending, and removed when one is not. So a stream that is idle has none.
#[derive(Debug)]
pub struct WriteLimit<S, T: Timer> {
    stream: S,
    timer: T,
    limit: Duration,
    waits: Option<T::Sleep>,
}

impl<S, T: Timer> WriteLimit<S, T> {
    /// A limit for this stream.
    pub fn new(stream: S, timer: T, limit: Duration) -> WriteLimit<S, T> {
        WriteLimit {
            stream,
            timer,
            limit,
            waits: None,
        }
    }

    /// Passes on what an operation that writes came to, and limits how long it is pending.
    fn limited<V>(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<V>>,
    ) -> Poll<io::Result<V>> {
        if polled.is_ready() {
            self.waits = None;
            return polled;
        }
        let sleep = self
            .waits
            .get_or_insert_with(|| self.timer.sleep(self.limit));
        if Pin::new(sleep).poll(context).is_ready() {
            self.waits = None;
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

/// The sleep of a timer may move.
impl<S: Unpin, T: Timer> Unpin for WriteLimit<S, T> {}

impl<S: AsyncRead + Unpin, T: Timer> AsyncRead for WriteLimit<S, T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin, T: Timer> AsyncWrite for WriteLimit<S, T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.limited(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.limited(context, polled)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(context);
        self.limited(context, polled)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_close(context);
        self.limited(context, polled)
    }
}
