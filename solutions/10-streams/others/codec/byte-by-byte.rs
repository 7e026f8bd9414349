//! One byte at a time, and a flat state with counters.

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

#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Size,
    SizeExt,
    SizeLf,
    Body,
    BodyCr,
    BodyLf,
    Tr,
    TrLf,
    Done,
}
#[derive(Debug)]
pub struct Chunked {
    limit: usize,
    at: At,
    n: usize,
    digits: usize,
    line: usize,
    left: usize,
    body: Vec<u8>,
}
impl Chunked {
    /// A decoder at the beginning of a body.
    #[must_use]
    pub fn new(limit: usize) -> Chunked {
        Chunked {
            limit,
            at: At::Size,
            n: 0,
            digits: 0,
            line: 0,
            left: 0,
            body: vec![],
        }
    }
    fn byte(&mut self, b: u8) -> Result<Option<Vec<u8>>, ChunkError> {
        use ChunkError::*;
        match self.at {
            At::Size | At::SizeExt => {
                if b == b'\r' {
                    if self.digits == 0 {
                        return Err(Malformed);
                    }
                    self.at = At::SizeLf;
                    return Ok(None);
                }
                if b == b'\n' {
                    return Err(Malformed);
                }
                self.line += 1;
                if self.line > 256 {
                    return Err(TooLong);
                }
                if self.at == At::SizeExt {
                    return Ok(None);
                }
                if b == b';' {
                    if self.digits == 0 {
                        return Err(Malformed);
                    }
                    self.at = At::SizeExt;
                    return Ok(None);
                }
                let d = match b {
                    b'0'..=b'9' => b - b'0',
                    b'a'..=b'f' => b - b'a' + 10,
                    b'A'..=b'F' => b - b'A' + 10,
                    _ => return Err(Malformed),
                } as usize;
                self.digits += 1;
                if self.n > (usize::MAX >> 4) {
                    return Err(TooLong);
                }
                self.n = (self.n << 4) | d;
                if self.n > self.limit {
                    return Err(TooLong);
                }
            }
            At::SizeLf => {
                if b != b'\n' {
                    return Err(Malformed);
                }
                self.line = 0;
                self.digits = 0;
                self.left = self.n;
                let z = self.n == 0;
                self.n = 0;
                self.at = if z { At::Tr } else { At::Body }
            }
            At::Body => {
                self.body.push(b);
                self.left -= 1;
                if self.left == 0 {
                    self.at = At::BodyCr
                }
            }
            At::BodyCr => {
                if b != b'\r' {
                    return Err(Malformed);
                }
                self.at = At::BodyLf
            }
            At::BodyLf => {
                if b != b'\n' {
                    return Err(Malformed);
                }
                self.at = At::Size;
                return Ok(Some(std::mem::take(&mut self.body)));
            }
            At::Tr => {
                if b == b'\r' {
                    self.at = At::TrLf
                } else if b == b'\n' {
                    return Err(Malformed);
                } else {
                    self.line += 1;
                    if self.line > 256 {
                        return Err(TooLong);
                    }
                }
            }
            At::TrLf => {
                if b != b'\n' {
                    return Err(Malformed);
                }
                self.at = if self.line == 0 { At::Done } else { At::Tr };
                self.line = 0
            }
            At::Done => unreachable!(),
        }
        Ok(None)
    }
}
impl Decoder for Chunked {
    type Item = Vec<u8>;
    type Error = ChunkError;
    fn decode(&mut self, input: &mut &[u8]) -> Result<Decoding<Vec<u8>>, ChunkError> {
        loop {
            if self.at == At::Done {
                return Ok(Decoding::End);
            }
            let Some((b, rest)) = input.split_first() else {
                return Ok(Decoding::More);
            };
            *input = rest;
            if let Some(f) = self.byte(*b)? {
                return Ok(Decoding::Frame(f));
            }
        }
    }
    fn finish(&mut self) -> Result<Option<Vec<u8>>, ChunkError> {
        if self.at == At::Done {
            Ok(None)
        } else {
            Err(ChunkError::Truncated)
        }
    }
}
