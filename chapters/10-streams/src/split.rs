//! The two directions of a stream, each with an owner of its own.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};

/// Takes a stream apart, so that one task reads from it while another one writes.
///
/// The stream must keep a waker for each direction, as the sockets of chapter 05 do. Both halves stay
/// on the loop of the stream. When both are dropped, so is the stream. Dropping the [`WriteHalf`] alone
/// does not send the end: a drop cannot wait. Close it.
///
/// ```
/// use futures::io::{AsyncReadExt, AsyncWriteExt, Cursor};
/// use wakers::block_on;
///
/// let (mut reader, mut writer) = streams::split(Cursor::new(vec![0; 4]));
/// block_on(async {
///     writer.write_all(b"ab").await.unwrap();
///     let mut rest = [1; 2];
///     reader.read_exact(&mut rest).await.unwrap();
///     assert_eq!(rest, [0, 0]); // This stream has one position for both.
/// });
/// assert_eq!(reader.unsplit(writer).unwrap().into_inner(), b"ab\0\0");
/// ```
pub fn split<S: AsyncRead + AsyncWrite + Unpin>(stream: S) -> (ReadHalf<S>, WriteHalf<S>) {
    let shared = Rc::new(RefCell::new(stream));
    let reader = ReadHalf {
        shared: Rc::clone(&shared),
    };
    (reader, WriteHalf { shared })
}

/// The half that reads. See [`split`].
pub struct ReadHalf<S> {
    shared: Rc<RefCell<S>>,
}

/// The half that writes. See [`split`].
pub struct WriteHalf<S> {
    shared: Rc<RefCell<S>>,
}

impl<S> ReadHalf<S> {
    /// Makes one stream of both halves again.
    ///
    /// # Errors
    ///
    /// Both halves, if they do not belong together.
    pub fn unsplit(self, writer: WriteHalf<S>) -> Result<S, (ReadHalf<S>, WriteHalf<S>)> {
        if !Rc::ptr_eq(&self.shared, &writer.shared) {
            return Err((self, writer));
        }
        drop(writer);
        let stream = Rc::into_inner(self.shared).expect("two halves, and one was dropped");
        Ok(stream.into_inner())
    }
}

/// Polls the stream, if it is not being polled right now: by a waker that polls the other half, called
/// from inside the stream. Then the task is woken, to try again.
// ANCHOR: poll
fn poll_shared<S: Unpin, T>(
    shared: &RefCell<S>,
    context: &mut Context<'_>,
    poll: impl FnOnce(Pin<&mut S>, &mut Context<'_>) -> Poll<T>,
) -> Poll<T> {
    match shared.try_borrow_mut() {
        Ok(mut stream) => poll(Pin::new(&mut *stream), context),
        Err(_) => {
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }
}
// ANCHOR_END: poll

impl<S: AsyncRead + Unpin> AsyncRead for ReadHalf<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        poll_shared(&self.shared, context, |stream, context| {
            stream.poll_read(context, buffer)
        })
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteHalf<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        poll_shared(&self.shared, context, |stream, context| {
            stream.poll_write(context, bytes)
        })
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_shared(&self.shared, context, |stream, context| {
            stream.poll_flush(context)
        })
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        poll_shared(&self.shared, context, |stream, context| {
            stream.poll_close(context)
        })
    }
}

impl<S> fmt::Debug for ReadHalf<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ReadHalf").finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for WriteHalf<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("WriteHalf").finish_non_exhaustive()
    }
}
