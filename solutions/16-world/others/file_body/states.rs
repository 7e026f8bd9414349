//! Unlike the reference: states in an enum, a new buffer in each poll, and small frames.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::AsyncRead;
use hyper::body::{Body, Bytes, Frame, SizeHint};

/// How many bytes a frame has at most.
pub const CHUNK: usize = 64 * 1024;

/// A body that reads its bytes from `file`, one chunk for each frame that hyper asks for.
///
/// The response's `Content-Length` is sent before the file is read. So the body has the length that it was
/// made with, whatever happens to the file meanwhile.
///
/// # Contract
///
/// - The frames hold, in order, the first `length` bytes of the file. A frame has from 1 to [`CHUNK`] bytes: what
///   one read has returned. It does not wait for more.
/// - A poll reads the file only if it returns a frame or `Pending` or an error: the next chunk is read when
///   hyper asks for it, and one chunk is in memory at a time. Bytes behind the first `length` are not read.
/// - After `length` bytes the body is at its end: polls return `Ready(None)` and do not call the file.
/// - [`size_hint`](Body::size_hint) is exactly what is left, and [`is_end_stream`](Body::is_end_stream) is
///   whether nothing is.
///
/// # Errors
///
/// The file's; and `UnexpectedEof`, if the file ends before `length` bytes. hyper then cuts the connection
/// off, so the client knows that bytes are missing. After an error polls return `Ready(None)` and do not
/// call the file.
///
/// # Cancel safety
///
/// Dropping it drops the file.
#[derive(Debug)]
pub enum FileBody<R> {
    /// Bytes are left.
    Reading(R, u64),
    /// All were delivered, or one read failed.
    Over {
        /// How many were not delivered.
        missing: u64,
    },
}

impl<R> FileBody<R> {
    /// A body of the first `length` bytes of `file`.
    pub fn new(file: R, length: u64) -> FileBody<R> {
        match length {
            0 => FileBody::Over { missing: 0 },
            length => FileBody::Reading(file, length),
        }
    }
}

impl<R: AsyncRead + Unpin> Body for FileBody<R> {
    type Data = Bytes;
    type Error = io::Error;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let FileBody::Reading(file, left) = &mut *self else {
            return Poll::Ready(None);
        };
        let mut bytes = vec![
            0;
            usize::try_from(*left)
                .unwrap_or(usize::MAX)
                .min(3_000)
                .min(CHUNK)
        ];
        let read = match Pin::new(file).poll_read(context, &mut bytes) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(read) => read,
        };
        let missing = *left;
        let frame = match read {
            Ok(0) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file has shrunk",
            )),
            Ok(count) => {
                *left -= count as u64;
                Ok(Frame::data(Bytes::copy_from_slice(&bytes[..count])))
            }
            Err(error) => Err(error),
        };
        if frame.is_err() {
            *self = FileBody::Over { missing };
        } else if matches!(&*self, FileBody::Reading(_, 0)) {
            *self = FileBody::Over { missing: 0 };
        }
        Poll::Ready(Some(frame))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, FileBody::Over { .. })
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            FileBody::Reading(_, left) => SizeHint::with_exact(*left),
            FileBody::Over { missing } => SizeHint::with_exact(*missing),
        }
    }
}
