//! Lines: a codec, and a stream of the lines of a reader.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use futures::io::AsyncRead;

use crate::codec::{Decoder, Decoding, Encoder};
use crate::framed::Framed;

/// Lines of text in UTF-8, of at most `limit` bytes each.
///
/// A line ends with `\n` or with `\r\n`. Neither belongs to the line, and neither counts for the
/// limit; any other `\r` does both. The bytes after the last `\n` are a line too, if there are any.
///
/// It keeps at most `limit` + 1 bytes: the last of them may be the `\r` of an end whose `\n` has not
/// arrived.
///
/// ```
/// use streams::{BadLine, Decoder, Decoding, LineCodec};
///
/// let mut codec = LineCodec::new(5);
/// let mut input: &[u8] = b"one\nfar too long\ntw";
/// assert_eq!(codec.decode(&mut input), Ok(Decoding::Frame(Ok("one".to_owned()))));
/// assert_eq!(codec.decode(&mut input), Ok(Decoding::Frame(Err(BadLine::TooLong))));
/// assert_eq!(codec.decode(&mut input), Ok(Decoding::More));
/// assert_eq!(codec.decode(&mut &b"o\r\n"[..]), Ok(Decoding::Frame(Ok("two".to_owned()))));
/// ```
#[derive(Debug, Clone)]
pub struct LineCodec {
    limit: usize,
    state: State,
}

/// ```text
///            more than the limit
///   Within ───────────────────────▶ Skipping
///     ▲ ╰─╯ "\n"                       │ "\n"
///     └────────────────────────────────┘
/// ```
#[derive(Debug, Clone)]
enum State {
    /// In a line of which this has arrived.
    Within(Vec<u8>),
    /// In a line that is too long. It was reported.
    Skipping,
}

/// A line that is none. The lines after it are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadLine {
    /// It has more bytes than the limit. It is reported once, as soon as that is known, and skipped.
    TooLong,
    /// It is not text in UTF-8.
    NotText,
}

impl LineCodec {
    /// A codec at the beginning of a line. A limit of `usize::MAX` means none.
    #[must_use]
    pub fn new(limit: usize) -> LineCodec {
        LineCodec {
            limit,
            state: State::Within(Vec::new()),
        }
    }

    /// Takes these bytes of the line, with its `\n` if that has arrived.
    // ANCHOR: take
    fn take(&mut self, bytes: &[u8]) -> Option<Result<String, BadLine>> {
        let (bytes, ends) = match bytes.strip_suffix(b"\n") {
            Some(bytes) => (bytes, true),
            None => (bytes, false),
        };
        let State::Within(line) = &mut self.state else {
            if ends {
                self.state = State::Within(Vec::new());
            }
            return None;
        };
        // Byte number `limit + 1` may be the `\r` of the line's end, and no byte after it.
        let room = self.limit.saturating_add(1).saturating_sub(line.len());
        line.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let may_grow = line.len() <= self.limit || line.ends_with(b"\r");
        if bytes.len() > room || !may_grow {
            self.state = match ends {
                true => State::Within(Vec::new()),
                false => State::Skipping,
            };
            return Some(Err(BadLine::TooLong));
        }
        ends.then(|| self.complete(true))
    }
    // ANCHOR_END: take

    /// The line that has arrived; behind it a `\n`, or the end of the input.
    fn complete(&mut self, newline: bool) -> Result<String, BadLine> {
        let State::Within(line) = &mut self.state else {
            unreachable!("a line that is skipped was reported");
        };
        let mut line = std::mem::take(line);
        if newline && line.ends_with(b"\r") {
            line.pop();
        }
        if line.len() > self.limit {
            return Err(BadLine::TooLong);
        }
        String::from_utf8(line).map_err(|_| BadLine::NotText)
    }
}

impl Decoder for LineCodec {
    type Item = Result<String, BadLine>;
    type Error = Infallible;

    // ANCHOR: decode
    fn decode(&mut self, input: &mut &[u8]) -> Result<Decoding<Self::Item>, Infallible> {
        while !input.is_empty() {
            let end = memchr::memchr(b'\n', input).map_or(input.len(), |newline| newline + 1);
            let (bytes, rest) = input.split_at(end);
            *input = rest;
            if let Some(line) = self.take(bytes) {
                return Ok(Decoding::Frame(line));
            }
        }
        Ok(Decoding::More)
    }
    // ANCHOR_END: decode

    fn finish(&mut self) -> Result<Option<Self::Item>, Infallible> {
        let has_bytes = matches!(&self.state, State::Within(line) if !line.is_empty());
        Ok(has_bytes.then(|| self.complete(false)))
    }
}

impl<T: AsRef<str>> Encoder<T> for LineCodec {
    type Error = io::Error;

    /// Appends the line and a `\n`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if the text holds a `\n` or ends with a `\r`: it
    /// would be read as another line. Also if it has more bytes than the limit.
    fn encode(&mut self, item: T, output: &mut Vec<u8>) -> io::Result<()> {
        let line = item.as_ref();
        let problem = if line.contains('\n') {
            "the text holds a line's end"
        } else if line.ends_with('\r') {
            "the text ends with a part of a line's end"
        } else if line.len() > self.limit {
            "the line is too long"
        } else {
            output.extend_from_slice(line.as_bytes());
            output.push(b'\n');
            return Ok(());
        };
        Err(io::Error::new(io::ErrorKind::InvalidInput, problem))
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            BadLine::TooLong => "the line is too long",
            BadLine::NotText => "the line is not text in UTF-8",
        })
    }
}

impl std::error::Error for BadLine {}

/// The lines of a reader, of at most `limit` bytes each: a stream, made of [`Framed`] and
/// [`LineCodec`].
///
/// ```
/// use futures::StreamExt;
/// use wakers::block_on;
///
/// let mut lines = streams::lines(&b"one\r\ntwo"[..], 100);
/// block_on(async {
///     assert_eq!(lines.next().await.unwrap().unwrap(), "one");
///     assert_eq!(lines.next().await.unwrap().unwrap(), "two");
///     assert!(lines.next().await.is_none());
/// });
/// ```
pub fn lines<R: AsyncRead + Unpin>(reader: R, limit: usize) -> Lines<R> {
    Lines {
        framed: Framed::new(reader, LineCodec::new(limit)),
    }
}

/// See [`lines`].
///
/// # Cancel safety
///
/// A future that waits for the next line may be dropped: every byte that was read is in here.
#[derive(Debug)]
#[must_use = "streams do nothing until they are polled"]
pub struct Lines<R> {
    framed: Framed<R, LineCodec>,
}

/// Why there is no line here.
#[derive(Debug)]
pub enum LineError {
    /// This line is too long, or no text. The lines after it follow.
    Bad(BadLine),
    /// Reading failed. `None` follows.
    Io(io::Error),
}

impl<R> Lines<R> {
    /// The reader. Bytes that were read and not returned are lost.
    pub fn into_inner(self) -> R {
        self.framed.into_parts().stream
    }
}

impl<R: AsyncRead + Unpin> Stream for Lines<R> {
    type Item = Result<String, LineError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let frame = ready!(Pin::new(&mut self.framed).poll_next(context));
        Poll::Ready(frame.map(|frame| match frame {
            Ok(line) => line.map_err(LineError::Bad),
            Err(error) => Err(LineError::Io(error)),
        }))
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineError::Bad(bad) => bad.fmt(out),
            LineError::Io(error) => write!(out, "reading failed: {error}"),
        }
    }
}

impl std::error::Error for LineError {}
