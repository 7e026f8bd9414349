//! Faults on request. Only the tests of the real program use them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::{AsyncRead, AsyncWrite};

/// A stream that calls `fault` after each read, with the first byte that was read.
#[derive(Debug)]
pub struct Faulty<S, F> {
    stream: S,
    fault: F,
}

impl<S, F: FnMut(u8)> Faulty<S, F> {
    /// Wraps `stream`. `fault` may panic, or end the worker.
    pub fn new(stream: S, fault: F) -> Faulty<S, F> {
        Faulty { stream, fault }
    }
}

impl<S: AsyncRead + Unpin, F: FnMut(u8) + Unpin> AsyncRead for Faulty<S, F> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if let Some(first) = buffer[..count].first() {
            (self.fault)(*first);
        }
        Poll::Ready(Ok(count))
    }
}

impl<S: AsyncWrite + Unpin, F: Unpin> AsyncWrite for Faulty<S, F> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(context)
    }
}
