//! Everything that is read is written.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::{AsyncBufRead, AsyncWrite};

/// Copies from `reader` to `writer` until the reader's end, flushes the writer, and returns how many
/// bytes were copied. It does not close the writer.
///
/// At most one buffer of the reader's is on its way: while the writer is pending, nothing is read.
/// While the reader is pending, what was written is flushed: a peer that answers what it has received
/// would wait for bytes that lie in a buffer.
///
/// # Errors
///
/// The first error of a read, a write or a flush, as it is. [`ErrorKind::WriteZero`] if the writer
/// accepts no byte.
///
/// # Cancel safety
///
/// Safe: a byte leaves the reader's buffer when the writer has accepted it. A further `copy` with the
/// same reader goes on where this one was dropped. The count is lost.
///
/// ```
/// use futures::io::Cursor;
/// use streams::{BufReader, copy};
/// use wakers::block_on;
///
/// let (mut reader, mut writer) = (BufReader::new(&b"hello"[..]), Cursor::new(Vec::new()));
/// assert_eq!(block_on(copy(&mut reader, &mut writer)).unwrap(), 5);
/// assert_eq!(writer.into_inner(), b"hello");
/// ```
pub fn copy<'a, R, W>(reader: &'a mut R, writer: &'a mut W) -> Copy<'a, R, W>
where
    R: AsyncBufRead + Unpin,
    W: AsyncWrite + Unpin,
{
    Copy {
        reader,
        writer,
        count: 0,
        unflushed: false,
    }
}

/// The future of [`copy`].
#[derive(Debug)]
#[must_use = "futures do nothing until they are polled"]
pub struct Copy<'a, R, W> {
    reader: &'a mut R,
    writer: &'a mut W,
    count: u64,
    /// Whether something was written since the last flush.
    unflushed: bool,
}

impl<R, W> Future for Copy<'_, R, W>
where
    R: AsyncBufRead + Unpin,
    W: AsyncWrite + Unpin,
{
    type Output = io::Result<u64>;

    // ANCHOR: poll
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let this = &mut *self;
        loop {
            let Poll::Ready(bytes) = Pin::new(&mut *this.reader).poll_fill_buf(context) else {
                ready!(this.poll_flush(context))?;
                return Poll::Pending;
            };
            let bytes = bytes?;
            if bytes.is_empty() {
                ready!(this.poll_flush(context))?;
                return Poll::Ready(Ok(this.count));
            }
            let count = ready!(Pin::new(&mut *this.writer).poll_write(context, bytes))?;
            if count == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            Pin::new(&mut *this.reader).consume(count);
            this.count += count as u64;
            this.unflushed = true;
        }
    }
    // ANCHOR_END: poll
}

impl<R, W: AsyncWrite + Unpin> Copy<'_, R, W> {
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.unflushed {
            ready!(Pin::new(&mut *self.writer).poll_flush(context))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }
}
