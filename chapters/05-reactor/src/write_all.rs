//! Writing until every byte is written.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::AsyncWrite;

/// Writes every byte of `bytes`, even if the writer accepts a few at a time. It does not flush, and
/// it writes nothing before its first poll.
///
/// # Errors
///
/// The writer's first error, as it is. [`ErrorKind::WriteZero`] if a write accepts 0 bytes: the
/// writer is not pending then, and wakes no task. After an error the writer is not called again.
///
/// # Cancel safety
///
/// If the future is dropped while it is pending, some of the bytes are written. The caller does not
/// learn how many.
pub fn write_all<'a, W>(writer: &'a mut W, bytes: &'a [u8]) -> WriteAll<'a, W>
where
    W: AsyncWrite + Unpin,
{
    // YOURS
    WriteAll {
        writer,
        left: bytes,
    }
    // STUB: todo!("what has to be remembered from poll to poll?")
    // YOURS_END
}

/// The future of [`write_all`].
#[derive(Debug)]
#[must_use = "futures do nothing until they are polled"]
pub struct WriteAll<'a, W> {
    // YOURS
    writer: &'a mut W,
    left: &'a [u8],
    // STUB: writer: &'a mut W, // Yours to add to.
    // YOURS_END
}

impl<W: AsyncWrite + Unpin> Future for WriteAll<'_, W> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // YOURS
        let this = &mut *self;
        while !this.left.is_empty() {
            match Pin::new(&mut *this.writer).poll_write(context, this.left) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => this.left = &this.left[count..],
            }
        }
        Poll::Ready(Ok(()))
        // STUB: todo!("write; how much of it was taken?")
        // YOURS_END
    }
}
