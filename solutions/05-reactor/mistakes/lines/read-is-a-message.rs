//! Takes what one read gives for the next lines.
//!
//! Lines from a pipe, or from anything else that can be read.

use std::fmt;
use std::io;

use futures::io::{AsyncRead, AsyncReadExt};

/// The lines of a stream, one after the other.
///
/// A line ends with `\n`, or with `\r\n`; neither belongs to it. What stands behind the last `\n`
/// is a line, too, unless there is nothing. A line is text in UTF-8, and may have as many bytes as
/// the limit says, its end not counted.
///
/// The lines do not depend on the pieces in which the bytes arrive. The memory in use is bounded: by
/// the limit, and by a few thousand bytes for one read.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    limit: usize,
    buffer: Vec<u8>,
}

/// Why there is no line here. The lines after it can still be asked for, unless reading has failed.
#[derive(Debug)]
pub enum LineError {
    /// It has more bytes than the limit. It is left out as a whole, and told of once.
    TooLong,
    /// It is not text in UTF-8. It is left out.
    NotText,
    /// Reading failed.
    Io(io::Error),
}

/// The lines of what `reader` gives, of at most `limit` bytes each.
pub fn lines<R: AsyncRead + Unpin>(reader: R, limit: usize) -> Lines<R> {
    Lines {
        reader,
        limit,
        buffer: Vec::new(),
    }
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// The next line; `None` when there are no more.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future that this returns is dropped before it is ready: the next call
    /// goes on from there.
    pub async fn next(&mut self) -> Option<Result<String, LineError>> {
        // ANCHOR: mistake
        if self.buffer.is_empty() {
            let mut piece = [0; 1024];
            let count = match self.reader.read(&mut piece).await {
                Ok(0) => return None,
                Ok(count) => count,
                Err(error) => return Some(Err(LineError::Io(error))),
            };
            self.buffer.extend_from_slice(&piece[..count]);
        }
        let end = self.buffer.iter().position(|byte| *byte == b'\n');
        let line: Vec<u8> = match end {
            Some(end) => self.buffer.drain(..=end).collect(),
            None => self.buffer.drain(..).collect(),
        };
        // ANCHOR_END: mistake
        let text = String::from_utf8(line).map_err(|_| LineError::NotText);
        Some(text.map(|text| text.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineError::TooLong => out.write_str("the line is too long"),
            LineError::NotText => out.write_str("the line is not text in UTF-8"),
            LineError::Io(error) => write!(out, "reading failed: {error}"),
        }
    }
}

impl std::error::Error for LineError {}
