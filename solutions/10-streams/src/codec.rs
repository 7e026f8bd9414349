//! The body of an HTTP message that comes in chunks.

use streams::{Decoder, Decoding};

/// Decodes a body that is sent in chunks (RFC 9112, section 7.1). A frame is the bytes of one chunk.
///
/// ```text
/// 4\r\nWiki\r\n
/// 6;name=value\r\npedia \r\n
/// 0\r\n
/// Expires: never\r\n
/// \r\n
/// ```
///
/// - **A line** ends with `\r\n`. No other `\r` or `\n` stands in it. It has at most 256 bytes, without
///   its end.
/// - **A chunk** is a line with its size, then as many bytes, then `\r\n`. The bytes may be any. The
///   chunk is a frame when its `\r\n` has arrived, and not before.
/// - **A size** is one or more hexadecimal digits, upper or lower case. Zeros may stand in front. There
///   is no sign, no `0x` and no space. Behind it may stand a `;` and anything: that is ignored.
/// - **The last chunk** has the size 0 and neither bytes nor a `\r\n` of its own. Behind it stand lines,
///   which are ignored. An empty line is the last of them, and is the end of the body.
///
/// The same bytes give the same frames, however they are cut into pieces. A piece may be empty. The
/// memory in use is at most four times what has arrived of the chunk or the line, and 2,000 bytes: the
/// size that was announced does not count.
///
/// As every [`Decoder`], it says [`Decoding::More`] only when it has taken every byte. At the end of the
/// body it says [`Decoding::End`], and so does each further call. The bytes behind the end belong to
/// the next message: it takes none of them.
#[derive(Debug)]
pub struct Chunked {
    limit: usize,
    // YOURS
    state: State,
    // STUB: // Yours to add to.
    // YOURS_END
}

/// Why there are no more chunks. Where several are true, it may be any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkError {
    /// The bytes are no body in chunks. It is returned when the line is complete, if not before.
    Malformed,
    /// A line is longer than 256 bytes, or the size of a chunk is larger than the limit. A size that no
    /// `usize` can hold is larger than every limit.
    TooLong,
    /// The input ended before the end of the body.
    Truncated,
}
// YOURS

/// ```text
///            "4\r\n"          4 bytes
///   Size ──────────────▶ Data ────────▶ DataEnd
///    │ ▲                                   │ "\r\n"
///    │ └───────────────────────────────────┘
///    │ "0\r\n"             "\r\n"
///    └───────▶ Trailer ───────────▶ End
/// ```
#[derive(Debug)]
enum State {
    /// In the line with a chunk's size.
    Size(Line),
    /// In the chunk. `chunk` has arrived, and `missing` bytes are to come.
    Data {
        chunk: Vec<u8>,
        missing: usize,
    },
    /// Behind the bytes of this chunk.
    DataEnd {
        chunk: Vec<u8>,
        line: Line,
    },
    /// In a line behind the last chunk.
    Trailer(Line),
    End,
}

/// What has arrived of a line, perhaps with its `\r`.
#[derive(Debug, Default)]
struct Line(Vec<u8>);

const LONGEST: usize = 256;
// YOURS_END

impl Chunked {
    /// A decoder at the beginning of a body whose chunks have at most `limit` bytes each.
    #[must_use]
    pub fn new(limit: usize) -> Chunked {
        // YOURS
        Chunked {
            limit,
            state: State::Size(Line::default()),
        }
        // STUB: Chunked { limit }
        // YOURS_END
    }
    // YOURS

    /// What follows a line with this size.
    fn after_size(&self, line: &[u8]) -> Result<State, ChunkError> {
        Ok(match size(line, self.limit)? {
            0 => State::Trailer(Line::default()),
            missing => State::Data {
                chunk: Vec::new(),
                missing,
            },
        })
    }
    // YOURS_END
}

impl Decoder for Chunked {
    type Item = Vec<u8>;
    type Error = ChunkError;

    fn decode(&mut self, input: &mut &[u8]) -> Result<Decoding<Vec<u8>>, ChunkError> {
        // YOURS
        loop {
            match &mut self.state {
                State::End => return Ok(Decoding::End),
                State::Data { chunk, missing: 0 } => {
                    let chunk = std::mem::take(chunk);
                    let line = Line::default();
                    self.state = State::DataEnd { chunk, line };
                }
                _ if input.is_empty() => return Ok(Decoding::More),
                State::Data { chunk, missing } => {
                    let (bytes, rest) = input.split_at(input.len().min(*missing));
                    *input = rest;
                    *missing -= bytes.len();
                    chunk.extend_from_slice(bytes);
                }
                State::Size(line) => {
                    if let Some(line) = line.take(input)? {
                        self.state = self.after_size(&line)?;
                    }
                }
                State::DataEnd { chunk, line } => match line.take(input)? {
                    Some(line) if line.is_empty() => {
                        let chunk = std::mem::take(chunk);
                        self.state = State::Size(Line::default());
                        return Ok(Decoding::Frame(chunk));
                    }
                    Some(_) => return Err(ChunkError::Malformed),
                    None => {}
                },
                State::Trailer(line) => {
                    if let Some(line) = line.take(input)? {
                        self.state = match &line[..] {
                            [] => State::End,
                            _ => State::Trailer(Line::default()),
                        };
                    }
                }
            }
        }
        // STUB: todo!("where in the body is this byte, and what follows from it?")
        // YOURS_END
    }

    /// The input has ended. That is an error before the end of the body, and `Ok(None)` behind it.
    fn finish(&mut self) -> Result<Option<Vec<u8>>, ChunkError> {
        // YOURS
        match self.state {
            State::End => Ok(None),
            _ => Err(ChunkError::Truncated),
        }
        // STUB: todo!("may the input end here?")
        // YOURS_END
    }
}
// YOURS

impl Line {
    /// Takes bytes up to the end of the line. Returns the line if it is complete.
    fn take(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, ChunkError> {
        while let Some((&byte, rest)) = input.split_first() {
            *input = rest;
            match (self.0.last(), byte) {
                (Some(b'\r'), b'\n') => {
                    self.0.pop();
                    return Ok(Some(std::mem::take(&mut self.0)));
                }
                (Some(b'\r'), _) | (_, b'\n') => return Err(ChunkError::Malformed),
                (_, b'\r') => self.0.push(byte),
                _ if self.0.len() == LONGEST => return Err(ChunkError::TooLong),
                _ => self.0.push(byte),
            }
        }
        Ok(None)
    }
}

/// The size at the beginning of a line.
fn size(line: &[u8], limit: usize) -> Result<usize, ChunkError> {
    let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
    if digits.is_empty() {
        return Err(ChunkError::Malformed);
    }
    let mut size: usize = 0;
    for byte in digits {
        let digit = char::from(*byte).to_digit(16);
        let digit = digit.ok_or(ChunkError::Malformed)? as usize;
        size = (size.checked_mul(16)).ok_or(ChunkError::TooLong)? + digit;
    }
    match size > limit {
        true => Err(ChunkError::TooLong),
        false => Ok(size),
    }
}
// YOURS_END
