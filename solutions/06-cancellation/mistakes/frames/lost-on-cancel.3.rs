//! Keeps the message in the struct, and has `read_exact` count how much of it has come.
//!
//! Reading messages without losing half of one with a future.

use std::io::{self, ErrorKind};

use futures::io::{AsyncRead, AsyncReadExt};

/// Reads messages from a stream: two bytes of length, the more significant one first, and the
/// message.
#[derive(Debug)]
pub struct Frames<R> {
    stream: R,
    /// The bytes of the length that have come.
    length: Vec<u8>,
    /// The message, when its length is known.
    message: Option<Vec<u8>>,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// The messages of this stream.
    pub fn new(stream: R) -> Frames<R> {
        Frames {
            stream,
            length: Vec::new(),
            message: None,
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
        while self.length.len() < 2 {
            let mut byte = [0];
            if self.stream.read(&mut byte).await? == 0 {
                return match self.length.is_empty() {
                    true => Ok(None),
                    false => Err(ErrorKind::UnexpectedEof.into()),
                };
            }
            self.length.push(byte[0]);
        }
        // ANCHOR: mistake
        let length = usize::from(self.length[0]) << 8 | usize::from(self.length[1]);
        let message = self.message.get_or_insert_with(|| vec![0; length]);
        self.stream.read_exact(message).await?;
        // ANCHOR_END: mistake
        self.length.clear();
        Ok(self.message.take())
    }
}
