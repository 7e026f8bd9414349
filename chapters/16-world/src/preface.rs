//! Whether a client speaks HTTP/1 or HTTP/2: both on one port.

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};

/// The bytes with which a client that speaks HTTP/2 begins: RFC 9113, 3.4.
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Which version of HTTP a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// HTTP/1.0 or HTTP/1.1.
    One,
    /// HTTP/2.
    Two,
}

/// Reads until the bytes differ from the [`PREFACE`], or are the whole of it. Returns the version, and a stream
/// from which the same bytes can be read again. A client that sends its end first speaks HTTP/1, for which
/// hyper knows what to do.
///
/// # Errors
///
/// The stream's.
///
/// # Cancel safety
///
/// Dropping the future drops the stream.
pub async fn version<S: AsyncRead + Unpin>(mut stream: S) -> io::Result<(Version, Rewound<S>)> {
    let mut bytes = [0; PREFACE.len()];
    let mut length = 0;
    let version = loop {
        if bytes[..length] != PREFACE[..length] {
            break Version::One;
        }
        if length == PREFACE.len() {
            break Version::Two;
        }
        let rest = &mut bytes[length..];
        match poll_fn(|context| Pin::new(&mut stream).poll_read(context, rest)).await? {
            0 => break Version::One,
            count => length += count,
        }
    };
    let rewound = Rewound {
        stream,
        bytes,
        unread: 0..length,
    };
    Ok((version, rewound))
}

/// A stream whose first bytes were read, and can be read again.
#[derive(Debug)]
pub struct Rewound<S> {
    stream: S,
    bytes: [u8; PREFACE.len()],
    unread: std::ops::Range<usize>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Rewound<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let rewound = &mut *self;
        if rewound.unread.is_empty() {
            return Pin::new(&mut rewound.stream).poll_read(context, buffer);
        }
        let count = rewound.unread.len().min(buffer.len());
        let from = rewound.unread.start;
        buffer[..count].copy_from_slice(&rewound.bytes[from..from + count]);
        rewound.unread.start += count;
        Poll::Ready(Ok(count))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Rewound<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(context)
    }
}
