//! A reader with a buffer: large reads below, small reads above.

use std::fmt;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::io::{AsyncBufRead, AsyncRead, AsyncWrite};

/// Reads up to 8 KiB at once, and keeps what was not asked for yet. A read of a byte then costs a copy,
/// and not a system call.
///
/// Dropping it, or [`into_inner`](BufReader::into_inner), loses the bytes in the buffer.
///
/// ```
/// use futures::io::AsyncReadExt;
/// use wakers::block_on;
///
/// let mut reader = streams::BufReader::new(&b"abc"[..]);
/// let mut byte = [0];
/// block_on(reader.read_exact(&mut byte)).unwrap();
/// assert_eq!((&byte, reader.buffer()), (b"a", &b"bc"[..]));
/// ```
///
/// # Cancel safety
///
/// Safe: what was read from the reader below is in here.
pub struct BufReader<R> {
    reader: R,
    buffer: Box<[u8]>,
    /// What was read and not consumed.
    unread: Range<usize>,
}

impl<R> BufReader<R> {
    /// A reader with a buffer of 8 KiB.
    pub fn new(reader: R) -> BufReader<R> {
        BufReader::with_capacity(8 * 1024, reader)
    }

    /// A reader with a buffer of this many bytes.
    ///
    /// # Panics
    ///
    /// If that is 0.
    pub fn with_capacity(capacity: usize, reader: R) -> BufReader<R> {
        assert!(capacity > 0, "a buffer without room would never be filled");
        BufReader {
            reader,
            buffer: vec![0; capacity].into_boxed_slice(),
            unread: 0..0,
        }
    }

    /// What was read and not consumed. Reads nothing.
    #[must_use]
    pub fn buffer(&self) -> &[u8] {
        &self.buffer[self.unread.clone()]
    }

    /// The reader below. What it reads now is missing here.
    pub fn get_mut(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The reader below, without the bytes in the buffer.
    pub fn into_inner(self) -> R {
        self.reader
    }
}

impl<R: AsyncRead + Unpin> AsyncBufRead for BufReader<R> {
    // ANCHOR: fill
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        if this.unread.is_empty() {
            let reader = Pin::new(&mut this.reader);
            let count = ready!(reader.poll_read(context, &mut this.buffer))?;
            this.unread = 0..count;
        }
        Poll::Ready(Ok(&this.buffer[this.unread.clone()]))
    }

    /// # Panics
    ///
    /// If fewer bytes are in the buffer.
    fn consume(mut self: Pin<&mut Self>, count: usize) {
        assert!(count <= self.unread.len(), "more than was there");
        self.unread.start += count;
    }
    // ANCHOR_END: fill
}

impl<R: AsyncRead + Unpin> AsyncRead for BufReader<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        // A read that is larger than the buffer would only be copied through it.
        if self.unread.is_empty() && into.len() >= self.buffer.len() {
            return Pin::new(&mut self.reader).poll_read(context, into);
        }
        if into.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let bytes = ready!(self.as_mut().poll_fill_buf(context))?;
        let count = bytes.len().min(into.len());
        into[..count].copy_from_slice(&bytes[..count]);
        self.consume(count);
        Poll::Ready(Ok(count))
    }
}

/// Writes go to the reader below, if it is a writer as well.
impl<S: AsyncWrite + Unpin> AsyncWrite for BufReader<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.reader).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reader).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.reader).poll_close(context)
    }
}

impl<R: fmt::Debug> fmt::Debug for BufReader<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("BufReader")
            .field("reader", &self.reader)
            .field("unread", &self.unread.len())
            .finish()
    }
}
