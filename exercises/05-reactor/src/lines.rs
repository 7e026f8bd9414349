//! Lines from a pipe, or from anything else that can be read.

use std::fmt;
use std::io;

use futures::io::AsyncRead;

/// The lines of a stream, one after the other.
///
/// A line ends with `\n` or with `\r\n`. Neither belongs to the line; any other `\r` does. The bytes
/// after the last `\n` are a line too, if there are any. A line is text in UTF-8 and has at most
/// `limit` bytes, its end not counted. The limit may be any number below `usize::MAX`.
///
/// The lines do not depend on the pieces in which the bytes arrive. The memory in use is bounded,
/// however much the peer sends: four times the limit, and 30,000 bytes for reading.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R, // Yours to add to.
}

/// Why there is no line here. The next call returns the line after it, unless reading has failed.
#[derive(Debug)]
pub enum LineError {
    /// It has more bytes than the limit. The whole line is left out and reported once: as soon as
    /// that is known, or when its end has been read.
    TooLong,
    /// It is not text in UTF-8. It is left out. A line that is over the limit as well is `TooLong`.
    NotText,
    /// Reading failed. The reader is not read again, and each further call returns `None`.
    Io(io::Error),
}

/// The lines that `reader` gives, of at most `limit` bytes each.
pub fn lines<R: AsyncRead + Unpin>(reader: R, limit: usize) -> Lines<R> {
    todo!("what has to outlive a call?")
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// The next line. `None` at the end of the stream, and from then on: the end is read once.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped while it is pending. No byte is lost, and the next call continues.
    pub async fn next(&mut self) -> Option<Result<String, LineError>> {
        todo!("read until there is a line, and leave the rest for the next call")
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
