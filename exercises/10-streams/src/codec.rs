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
    // Yours to add to.
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

impl Chunked {
    /// A decoder at the beginning of a body whose chunks have at most `limit` bytes each.
    #[must_use]
    pub fn new(limit: usize) -> Chunked {
        Chunked { limit }
    }
}

impl Decoder for Chunked {
    type Item = Vec<u8>;
    type Error = ChunkError;

    fn decode(&mut self, input: &mut &[u8]) -> Result<Decoding<Vec<u8>>, ChunkError> {
        todo!("where in the body is this byte, and what follows from it?")
    }

    /// The input has ended. That is an error before the end of the body, and `Ok(None)` behind it.
    fn finish(&mut self) -> Result<Option<Vec<u8>>, ChunkError> {
        todo!("may the input end here?")
    }
}
