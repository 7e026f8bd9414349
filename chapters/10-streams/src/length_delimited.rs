//! Frames that begin with their length.

use std::fmt;
use std::mem;

use crate::codec::{Decoder, Decoding, Encoder};

/// Frames of at most `limit` bytes. Each is its length as four bytes, the most significant one first,
/// and then the bytes of that length.
///
/// The memory that a frame takes grows with the bytes that have arrived, and not with the length that
/// was announced.
///
/// ```
/// use streams::{Decoder, Decoding, Encoder, LengthDelimited};
///
/// let mut codec = LengthDelimited::new(1_000);
/// let mut bytes = Vec::new();
/// codec.encode(b"hello", &mut bytes).unwrap();
/// assert_eq!(bytes, b"\0\0\0\x05hello");
/// assert_eq!(codec.decode(&mut &bytes[..]), Ok(Decoding::Frame(b"hello".to_vec())));
/// ```
#[derive(Debug, Clone)]
pub struct LengthDelimited {
    limit: u32,
    state: State,
}

/// ```text
///            four bytes
///   Length ──────────────▶ Body
///     ▲                     │ the last byte
///     └─────────────────────┘
/// ```
#[derive(Debug, Clone)]
enum State {
    /// `count` bytes of the length have arrived. The others are zeros.
    Length { bytes: [u8; 4], count: usize },
    /// `bytes` have arrived of the frame, and `missing` more are to come.
    Body { bytes: Vec<u8>, missing: usize },
}

impl State {
    const START: State = State::Length {
        bytes: [0; 4],
        count: 0,
    };
}

/// Why there are no more frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameError {
    /// A frame of this length was announced, and that is more than the limit.
    TooLong {
        /// The announced length.
        length: u32,
    },
    /// The input ended in the middle of a frame.
    Truncated,
}

impl LengthDelimited {
    /// A codec at the beginning of a frame.
    #[must_use]
    pub fn new(limit: u32) -> LengthDelimited {
        LengthDelimited {
            limit,
            state: State::START,
        }
    }
}

impl Decoder for LengthDelimited {
    type Item = Vec<u8>;
    type Error = FrameError;

    // ANCHOR: decode
    fn decode(&mut self, input: &mut &[u8]) -> Result<Decoding<Vec<u8>>, FrameError> {
        loop {
            match &mut self.state {
                State::Length { bytes, count: 4 } => {
                    let length = u32::from_be_bytes(*bytes);
                    if length > self.limit {
                        return Err(FrameError::TooLong { length });
                    }
                    let missing = usize::try_from(length).expect("32 bits fit in a usize");
                    self.state = State::Body {
                        bytes: Vec::new(),
                        missing,
                    };
                }
                State::Body { bytes, missing: 0 } => {
                    let frame = mem::take(bytes);
                    self.state = State::START;
                    return Ok(Decoding::Frame(frame));
                }
                _ if input.is_empty() => return Ok(Decoding::More),
                State::Length { bytes, count } => {
                    bytes[*count] = take(input, 1)[0];
                    *count += 1;
                }
                State::Body { bytes, missing } => {
                    let piece = take(input, *missing);
                    bytes.extend_from_slice(piece);
                    *missing -= piece.len();
                }
            }
        }
    }
    // ANCHOR_END: decode

    fn finish(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        match self.state {
            State::Length { count: 0, .. } => Ok(None),
            _ => Err(FrameError::Truncated),
        }
    }
}

/// Takes up to `most` bytes from the front of `input`.
fn take<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(most.min(input.len()));
    *input = rest;
    taken
}

impl<T: AsRef<[u8]>> Encoder<T> for LengthDelimited {
    type Error = FrameError;

    /// Appends the length and the bytes.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooLong`] if there are more bytes than the limit. From 4 GiB on, the length in it is
    /// `u32::MAX`.
    fn encode(&mut self, item: T, output: &mut Vec<u8>) -> Result<(), FrameError> {
        let bytes = item.as_ref();
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if length > self.limit || bytes.len() > u32::MAX as usize {
            return Err(FrameError::TooLong { length });
        }
        output.extend_from_slice(&length.to_be_bytes());
        output.extend_from_slice(bytes);
        Ok(())
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::TooLong { length } => {
                write!(out, "a frame of {length} bytes is too long")
            }
            FrameError::Truncated => out.write_str("the input ended in the middle of a frame"),
        }
    }
}

impl std::error::Error for FrameError {}
