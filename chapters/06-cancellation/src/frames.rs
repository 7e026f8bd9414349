//! Reading messages: half of one must not be lost with a future.

// YOURS
use std::io::{self, ErrorKind};
// STUB: use std::io;
// YOURS_END

use futures::io::{AsyncRead, AsyncReadExt};

/// Messages from a stream. Each comes as two bytes, which say how long it is (the more significant
/// one first), and then so many bytes.
#[derive(Debug)]
pub struct Frames<R> {
    stream: R,
    // YOURS
    /// What has been read and is no whole message yet. It lives here and not in the future that
    /// `next` returns: so it is still here when that one is dropped.
    buffer: Vec<u8>,
    // STUB: // Yours to add to.
    // YOURS_END
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// The messages of this stream.
    pub fn new(stream: R) -> Frames<R> {
        Frames {
            stream,
            // YOURS
            buffer: Vec::new(),
            // STUB: // Yours to add to.
            // YOURS_END
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

    /// The first message in the buffer, if it is whole.
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
