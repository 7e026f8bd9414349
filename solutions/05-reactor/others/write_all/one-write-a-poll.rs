//! Writes once in each poll, and then wakes its own task to be polled again.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::AsyncWrite;

pub fn write_all<'a, W>(writer: &'a mut W, bytes: &'a [u8]) -> WriteAll<'a, W>
where
    W: AsyncWrite + Unpin,
{
    WriteAll {
        writer,
        bytes,
        written: 0,
    }
}

#[derive(Debug)]
#[must_use = "futures do nothing until they are polled"]
pub struct WriteAll<'a, W> {
    writer: &'a mut W,
    bytes: &'a [u8],
    written: usize,
}

impl<W: AsyncWrite + Unpin> Future for WriteAll<'_, W> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let left = &this.bytes[this.written..];
        if left.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let count = ready!(Pin::new(&mut *this.writer).poll_write(context, left))?;
        if count == 0 {
            return Poll::Ready(Err(ErrorKind::WriteZero.into()));
        }
        this.written += count;
        if this.written == this.bytes.len() {
            return Poll::Ready(Ok(()));
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
