//! Reading messages without losing half of one with a future.

use std::io;

use futures::io::{AsyncRead, AsyncReadExt};

/// Reads messages from a stream. A message is its length as two bytes, the more significant one
/// first, followed by the bytes of that length: 0 to 65,535 of them.
#[derive(Debug)]
pub struct Frames<R> {
    stream: R,
    // Yours to add to.
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// Reads from this stream.
    pub fn new(stream: R) -> Frames<R> {
        Frames {
            stream,
            // Yours to add to.
        }
    }

    /// Returns the next message, or `None` at the end of the stream. At the end it returns `None`
    /// again if it is called again.
    ///
    /// # Errors
    ///
    /// Returns each error of the stream as it is, `Interrupted` included, and `UnexpectedEof` if the
    /// stream ends inside a message. An error loses nothing: the next call reads on in the same
    /// message. If the stream is still at its end then, `UnexpectedEof` is returned again.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: if its future is dropped, no byte is lost and none is delivered twice. The
    /// next call goes on where this one stopped.
    pub async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 2];
        if self.stream.read(&mut length[..1]).await? == 0 {
            return Ok(None);
        }
        self.stream.read_exact(&mut length[1..]).await?;
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        self.stream.read_exact(&mut message).await?;
        Ok(Some(message))
    }
}
