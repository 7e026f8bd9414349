//! A generator put to use: text arrives in chunks that were cut anywhere, and comes out in whole
//! letters.

use generators::{Generator, Step};

/// What a decoder is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The next bytes: some, many, or none. A letter may be cut in two between one chunk and the
    /// next.
    Bytes(Vec<u8>),
    /// There are no more.
    End,
}

/// Why a text could not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// There are bytes that are no UTF-8, and no continuation can change that.
    Invalid,
    /// The text ended in the middle of a letter.
    Truncated,
}

/// Decodes UTF-8 as it arrives.
///
/// Sent [`Input::Bytes`], it yields the letters that are complete by now and were not yielded
/// before: none may be held back, and none may come in pieces. That may be an empty string.
///
/// It completes with [`Malformed::Invalid`] in the very call in which no continuation could make
/// the bytes valid any more; letters that stand before the bad bytes in the same chunk are lost
/// then. Sent [`Input::End`], it completes: with `Ok` if every byte has been yielded as part of a
/// letter, and else with [`Malformed::Truncated`].
#[derive(Default)]
pub struct Decoder {
    // What has to be remembered between two chunks?
}

impl Decoder {
    /// One that has been sent nothing.
    pub fn new() -> Decoder {
        Decoder::default()
    }
}

impl Generator<Input> for Decoder {
    type Yield = String;
    type Return = Result<(), Malformed>;

    /// # Panics
    ///
    /// Whenever it is resumed after it has completed.
    fn resume(&mut self, sent: Input) -> Step<String, Result<(), Malformed>> {
        todo!("yield the letters that are complete by now")
    }
}
