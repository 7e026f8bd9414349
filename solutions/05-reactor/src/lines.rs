//! Lines from a pipe, or from anything else that can be read.

// YOURS
use std::fmt;
use std::io::{self, ErrorKind};

use futures::io::{AsyncRead, AsyncReadExt};
// STUB: use std::fmt;
// STUB: use std::io;
// STUB:
// STUB: use futures::io::AsyncRead;
// YOURS_END

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
    // YOURS
    reader: R,
    limit: usize,
    /// Bytes that were read and belong to no returned line.
    buffer: Vec<u8>,
    /// The length of the part of the buffer that is known to hold no `\n`.
    searched: usize,
    /// Whether the bytes up to the next `\n` are the rest of a line that was too long.
    skipping: bool,
    ended: bool,
    // STUB: reader: R, // Yours to add to.
    // YOURS_END
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
    // YOURS
    Lines {
        reader,
        limit,
        buffer: Vec::new(),
        searched: 0,
        skipping: false,
        ended: false,
    }
    // STUB: todo!("what has to outlive a call?")
    // YOURS_END
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// The next line. `None` at the end of the stream, and from then on: the end is read once.
    ///
    /// # Cancel safety
    ///
    /// The future may be dropped while it is pending. No byte is lost, and the next call continues.
    pub async fn next(&mut self) -> Option<Result<String, LineError>> {
        // YOURS
        loop {
            if let Some(line) = self.take_line() {
                return Some(line);
            }
            if self.ended {
                return self.take_last();
            }
            let mut piece = [0; PIECE];
            match self.reader.read(&mut piece).await {
                Ok(0) => self.ended = true,
                Ok(count) => self.buffer.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.give_up();
                    return Some(Err(LineError::Io(error)));
                }
            }
        }
        // STUB: todo!("read until there is a line, and leave the rest for the next call")
        // YOURS_END
    }
}
// YOURS

/// How much is read at a time.
const PIECE: usize = 1024;

impl<R> Lines<R> {
    /// A line whose end has been read, or the error that it is too long.
    fn take_line(&mut self) -> Option<Result<String, LineError>> {
        loop {
            let fresh = &self.buffer[self.searched..];
            let Some(at) = fresh.iter().position(|byte| *byte == b'\n') else {
                self.searched = self.buffer.len();
                return self.give_up_on_it();
            };
            let rest = self.buffer.split_off(self.searched + at + 1);
            let mut line = std::mem::replace(&mut self.buffer, rest);
            self.searched = 0;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Some(self.text(line));
        }
    }

    /// Reports a line that is too long before its end is known: one byte more may be the `\r` of its end.
    fn give_up_on_it(&mut self) -> Option<Result<String, LineError>> {
        let too_long = self.buffer.len() > self.limit.saturating_add(1);
        if !self.skipping && !too_long {
            return None;
        }
        self.buffer.clear();
        self.searched = 0;
        let told = std::mem::replace(&mut self.skipping, true);
        (!told).then_some(Err(LineError::TooLong))
    }

    /// The bytes after the last `\n`.
    fn take_last(&mut self) -> Option<Result<String, LineError>> {
        if self.skipping || self.buffer.is_empty() {
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

    /// Reading failed: no more lines.
    fn give_up(&mut self) {
        self.ended = true;
        self.searched = 0;
        self.buffer = Vec::new();
    }
}
// YOURS_END

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
