//! Takes an error of the stream for its end.
//!
//! Reading messages: half of one must not be lost with a future.

use std::io::{self, ErrorKind};

use futures::io::{AsyncRead, AsyncReadExt};

/// Messages from a stream. Each comes as two bytes, which say how long it is (the more significant
/// one first), and then so many bytes.
#[derive(Debug)]
pub struct Frames<R> {
    stream: R,
    /// What has been read and is no whole message yet. It lives here and not in the future that
    /// `next` returns: so it is still here when that one is dropped.
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// The messages of this stream.
    pub fn new(stream: R) -> Frames<R> {
        Frames {
            stream,
            buffer: Vec::new(),
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
        loop {
            if let Some(message) = self.take_message() {
                return Ok(Some(message));
            }
            let mut chunk = [0; 1024];
            // ANCHOR: mistake
            let count = self.stream.read(&mut chunk).await.unwrap_or(0);
            // ANCHOR_END: mistake
            if count == 0 && self.buffer.is_empty() {
                return Ok(None);
            }
            if count == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.buffer.extend_from_slice(&chunk[..count]);
        }
    }

    /// The first message in the buffer, if it is whole.
    fn take_message(&mut self) -> Option<Vec<u8>> {
        let (length, rest) = self.buffer.split_first_chunk()?;
        let message = rest
            .get(..usize::from(u16::from_be_bytes(*length)))?
            .to_vec();
        self.buffer.drain(..length.len() + message.len());
        Some(message)
    }
}
