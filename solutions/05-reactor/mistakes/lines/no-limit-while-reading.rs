//! Looks at the limit when the line is there.
//!
//! Lines from a pipe, or from anything else that can be read.

use std::fmt;
use std::io;

use futures::io::{AsyncBufReadExt, AsyncRead};

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
    reader: futures::io::BufReader<R>,
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
        reader: futures::io::BufReader::new(reader),
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
        loop {
            match self.reader.read_until(b'\n', &mut self.buffer).await {
                Ok(_) => break,
                Err(error) => return Some(Err(LineError::Io(error))),
            }
        }
        let mut line = std::mem::take(&mut self.buffer);
        // ANCHOR_END: mistake
        if line.is_empty() {
            return None;
        }
        if line.ends_with(b"\n") {
            line.pop();
            if line.ends_with(b"\r") {
                line.pop();
            }
        }
        if line.len() > self.limit {
            return Some(Err(LineError::TooLong));
        }
        Some(String::from_utf8(line).map_err(|_| LineError::NotText))
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
