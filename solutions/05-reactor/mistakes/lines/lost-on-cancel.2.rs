//! Leaves the rest of a line that is too long out, and remembers that in a variable of the call.
//!
//! Lines from a pipe, or from anything else that can be read.

use std::fmt;
use std::io::{self, ErrorKind};

use futures::io::{AsyncRead, AsyncReadExt};

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
    reader: R,
    limit: usize,
    /// What has been read and belongs to no line yet.
    buffer: Vec<u8>,
    /// How much of the buffer is known to hold no `\n`.
    searched: usize,
    ended: bool,
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
    Lines {
        reader,
        limit,
        buffer: Vec::new(),
        searched: 0,
        ended: false,
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
        let mut skipping = false;
        // ANCHOR_END: mistake
        loop {
            if let Some(line) = self.take_line(&mut skipping) {
                return Some(line);
            }
            if self.ended {
                return self.take_last(skipping);
            }
            let mut piece = [0; PIECE];
            match self.reader.read(&mut piece).await {
                Ok(0) => self.ended = true,
                Ok(count) => self.buffer.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Some(Err(LineError::Io(error))),
            }
        }
    }
}

/// How much is read at a time.
const PIECE: usize = 1024;

impl<R> Lines<R> {
    /// A line that is there to its end, or the news that it is too long.
    fn take_line(&mut self, skipping: &mut bool) -> Option<Result<String, LineError>> {
        loop {
            let fresh = &self.buffer[self.searched..];
            let Some(at) = fresh.iter().position(|byte| *byte == b'\n') else {
                self.searched = self.buffer.len();
                self.give_up_on_it(skipping);
                return None;
            };
            let rest = self.buffer.split_off(self.searched + at + 1);
            let mut line = std::mem::replace(&mut self.buffer, rest);
            self.searched = 0;
            if std::mem::take(skipping) {
                return Some(Err(LineError::TooLong));
            }
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Some(self.text(line));
        }
    }

    /// Too long already, however it goes on: one byte more could be the `\r` of its end.
    fn give_up_on_it(&mut self, skipping: &mut bool) {
        if *skipping || self.buffer.len() > self.limit + 1 {
            self.buffer.clear();
            self.searched = 0;
            *skipping = true;
        }
    }

    /// What stands behind the last `\n`.
    fn take_last(&mut self, skipping: bool) -> Option<Result<String, LineError>> {
        if skipping {
            self.buffer.clear();
            return Some(Err(LineError::TooLong));
        }
        if self.buffer.is_empty() {
            return None;
        }
        let line = std::mem::take(&mut self.buffer);
        self.searched = 0;
        Some(self.text(line))
    }

    fn text(&self, line: Vec<u8>) -> Result<String, LineError> {
        if line.len() > self.limit {
            return Err(LineError::TooLong);
        }
        String::from_utf8(line).map_err(|_| LineError::NotText)
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
