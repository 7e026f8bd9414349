//! Reading messages without losing half of one with a future.

// YOURS
use std::io::{self, ErrorKind};
// STUB: use std::io;
// YOURS_END

use futures::io::{AsyncRead, AsyncReadExt};

/// Reads messages from a stream. A message is its length as two bytes, the more significant one
/// first, followed by the bytes of that length: 0 to 65,535 of them.
#[derive(Debug)]
pub struct Frames<R> {
    stream: R,
    // YOURS
    /// The bytes that were read and not delivered. They are here and not in the future of `next`, so
    /// they survive when that future is dropped.
    buffer: Vec<u8>,
    // STUB: // Yours to add to.
    // YOURS_END
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// Reads from this stream.
    pub fn new(stream: R) -> Frames<R> {
        Frames {
            stream,
            // YOURS
            buffer: Vec::new(),
            // STUB: // Yours to add to.
            // YOURS_END
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
    // ANCHOR: next
    pub async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        // YOURS
        loop {
            if let Some(message) = self.take_message() {
                return Ok(Some(message));
            }
            let mut chunk = [0; 1024];
            let count = self.stream.read(&mut chunk).await?;
            if count == 0 && self.buffer.is_empty() {
                return Ok(None);
            }
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.buffer.extend_from_slice(&chunk[..count]);
        }
        // STUB: let mut length = [0; 2];
        // STUB: if self.stream.read(&mut length[..1]).await? == 0 {
        // STUB:     return Ok(None);
        // STUB: }
        // STUB: self.stream.read_exact(&mut length[1..]).await?;
        // STUB: let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        // STUB: self.stream.read_exact(&mut message).await?;
        // STUB: Ok(Some(message))
        // YOURS_END
    }
    // ANCHOR_END: next
    // YOURS

    /// Takes the first message out of the buffer, if all of it has arrived.
    fn take_message(&mut self) -> Option<Vec<u8>> {
        let (length, rest) = self.buffer.split_first_chunk()?;
        let message = rest
            .get(..usize::from(u16::from_be_bytes(*length)))?
            .to_vec();
        self.buffer.drain(..length.len() + message.len());
        Some(message)
    }
    // YOURS_END
}
