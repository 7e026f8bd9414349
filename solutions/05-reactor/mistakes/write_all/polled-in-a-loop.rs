//! Asks a writer that is pending again and again, until there is room.
//!
//! Writing until everything is written.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::AsyncWrite;

/// Writes all of `bytes`, however little the writer takes at a time. It does not flush.
///
/// # Errors
///
/// The writer's; and [`ErrorKind::WriteZero`] if the writer takes nothing and says so, for then it
/// never will.
///
/// # Cancel safety
///
/// Dropping it half-way leaves some of the bytes written, and nobody knows how many.
pub fn write_all<'a, W>(writer: &'a mut W, bytes: &'a [u8]) -> WriteAll<'a, W>
where
    W: AsyncWrite + Unpin,
{
    WriteAll {
        writer,
        left: bytes,
    }
}

/// The future of [`write_all`].
#[derive(Debug)]
#[must_use = "futures do nothing until they are polled"]
pub struct WriteAll<'a, W> {
    writer: &'a mut W,
    left: &'a [u8],
}

impl<W: AsyncWrite + Unpin> Future for WriteAll<'_, W> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while !this.left.is_empty() {
            match Pin::new(&mut *this.writer).poll_write(context, this.left) {
                // ANCHOR: mistake
                Poll::Pending => {}
                // ANCHOR_END: mistake
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => this.left = &this.left[count..],
            }
        }
        Poll::Ready(Ok(()))
    }
}
