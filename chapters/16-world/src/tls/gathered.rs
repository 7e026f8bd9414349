//! A stream that writes several buffers at once.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};

/// As many bytes of several buffers go into one write: one record of TLS and its header.
const MOST: usize = 17 * 1024;

/// A stream whose vectored write copies the buffers into one, and writes that.
///
/// The default of `poll_write_vectored` writes the first buffer alone. rustls hands over a buffer for each record,
/// and futures-rustls 0.26 tries a single write for the alert with which a handshake fails. With the default that
/// write holds the record in front of the alert, and the peer never learns the reason.
#[derive(Debug)]
pub struct Gathered<S> {
    stream: S,
    buffer: Vec<u8>,
}

impl<S> Gathered<S> {
    /// The same stream.
    pub fn new(stream: S) -> Gathered<S> {
        Gathered {
            stream,
            buffer: Vec::new(),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gathered<S> {
    // ANCHOR: gathered
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.buffer.clear();
        for slice in slices {
            let room = MOST - this.buffer.len();
            this.buffer
                .extend_from_slice(&slice[..slice.len().min(room)]);
        }
        Pin::new(&mut this.stream).poll_write(context, &this.buffer)
    }
    // ANCHOR_END: gathered

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

impl<S: AsyncRead + Unpin> AsyncRead for Gathered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}
