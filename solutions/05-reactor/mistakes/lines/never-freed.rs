//! Remembers how far lines have been given out, and takes nothing out of the buffer.
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
    /// Where the next line begins.
    begin: usize,
    /// How much of the buffer is known to hold no `\n`.
    searched: usize,
    /// Whether what comes up to the next `\n` is the rest of a line that was too long.
    skipping: bool,
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
        begin: 0,
        searched: 0,
        skipping: false,
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
                Err(error) => return Some(Err(LineError::Io(error))),
            }
        }
    }
}

/// How much is read at a time.
const PIECE: usize = 1024;

impl<R> Lines<R> {
    /// A line that is there to its end, or the news that it is too long.
    fn take_line(&mut self) -> Option<Result<String, LineError>> {
        loop {
            let fresh = &self.buffer[self.searched..];
            let Some(at) = fresh.iter().position(|byte| *byte == b'\n') else {
                self.searched = self.buffer.len();
                return self.give_up_on_it();
            };
            // ANCHOR: mistake
            let end = self.searched + at + 1;
            let mut line = self.buffer[self.begin..end].to_vec();
            self.begin = end;
            self.searched = end;
            // ANCHOR_END: mistake
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

    /// Too long already, however it goes on: one byte more could be the `\r` of its end.
    fn give_up_on_it(&mut self) -> Option<Result<String, LineError>> {
        let too_long = self.buffer.len() - self.begin > self.limit + 1;
        if !self.skipping && !too_long {
            return None;
        }
        self.begin = self.buffer.len();
        let told = std::mem::replace(&mut self.skipping, true);
        (!told).then_some(Err(LineError::TooLong))
    }

    /// What stands behind the last `\n`.
    fn take_last(&mut self) -> Option<Result<String, LineError>> {
        if self.skipping || self.begin == self.buffer.len() {
            return None;
        }
        let line = self.buffer.split_off(self.begin);
        self.searched = self.begin;
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
