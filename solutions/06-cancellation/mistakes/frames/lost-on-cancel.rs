//! Reads into variables of the future, which are gone with it.
//!
//! Reading messages without losing half of one with a future.

use std::io;

use futures::io::{AsyncRead, AsyncReadExt};

/// Reads messages from a stream: two bytes of length, the more significant one first, and the
/// message.
#[derive(Debug)]
pub struct Frames<R> {
    stream: R,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// The messages of this stream.
    pub fn new(stream: R) -> Frames<R> {
        Frames {
            stream,
        }
    }

    /// The next message; `None` at the end of the stream.
    ///
    /// # Errors
    ///
    /// The stream's; `UnexpectedEof` if it ends in the middle of a message.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if it is dropped: the next call goes on where this one stopped.
    pub async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        // ANCHOR: mistake
        let mut length = [0; 2];
        if self.stream.read(&mut length[..1]).await? == 0 {
            return Ok(None);
        }
        self.stream.read_exact(&mut length[1..]).await?;
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        self.stream.read_exact(&mut message).await?;
        // ANCHOR_END: mistake
        Ok(Some(message))
    }
}
