//! The body of a response that is read from a file while it is sent.

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
/// made with, even if the file grows or shrinks meanwhile.
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
///
/// ```
/// use hyper::body::Body;
/// use std::{future::poll_fn, pin::Pin};
/// use world::file_body::FileBody;
///
/// // The file has grown since its length was asked for.
/// let mut body = FileBody::new(&b"Welcome home! And more"[..], 13);
/// assert_eq!(body.size_hint().exact(), Some(13));
/// let frame = poll_fn(|context| Pin::new(&mut body).poll_frame(context));
/// let frame = wakers::block_on(frame).unwrap().unwrap();
/// assert_eq!(&frame.into_data().unwrap()[..], b"Welcome home!");
/// assert!(body.is_end_stream());
/// ```
#[derive(Debug)]
pub struct FileBody<R> {
    file: R,
    /// How many bytes the body has yet to deliver.
    left: u64,
    /// Whether the file is not called any more.
    failed: bool,
}

impl<R> FileBody<R> {
    /// A body of the first `length` bytes of `file`.
    pub fn new(file: R, length: u64) -> FileBody<R> {
        FileBody {
            file,
            left: length,
            failed: false,
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
        let _ = (&mut self, context);
        todo!("the next chunk")
    }

    fn is_end_stream(&self) -> bool {
        self.failed || self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
