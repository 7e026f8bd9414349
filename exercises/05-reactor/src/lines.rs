//! Lines from a pipe, or from anything else that can be read.

use std::fmt;
use std::io;

use futures::io::AsyncRead;

/// The lines of a stream, one after the other.
///
/// A line ends with `\n`, or with `\r\n`; neither belongs to it, and any other `\r` does. What stands
/// behind the last `\n` is a line, too, unless there is nothing. A line is text in UTF-8, and may have as many bytes as
/// the limit says, its end not counted.
///
/// However the bytes are cut into pieces, the lines are the same. Whatever the peer sends, and for
/// however long, the memory for it is bounded: by the limit, and by a few thousand bytes for one
/// read.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R, // Yours to add to.
}

/// Why there is no line here. The lines after it can still be asked for, unless reading has failed.
#[derive(Debug)]
pub enum LineError {
    /// It has more bytes than the limit. It is left out as a whole, and told of once: as soon as
    /// that is known, or when its end has come.
    TooLong,
    /// It is not text in UTF-8. It is left out.
    NotText,
    /// Reading failed. What comes after that is not asked for.
    Io(io::Error),
}

/// The lines of what `reader` gives, of at most `limit` bytes each.
pub fn lines<R: AsyncRead + Unpin>(reader: R, limit: usize) -> Lines<R> {
    todo!("what has to be remembered from line to line?")
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// The next line; `None` when there are no more.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost if the future that this returns is dropped before it is ready: the next call
    /// goes on from there.
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
