//! A generator put to use: text arrives in chunks that were cut anywhere, and comes out in whole
//! letters.

use generators::{Generator, Step};

// ANCHOR: given
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
// ANCHOR_END: given

/// Decodes UTF-8 as it arrives.
///
/// Sent [`Input::Bytes`], it yields the letters that are complete by now and were not yielded
/// before: none may be held back, and none may come in pieces. That may be an empty string.
///
/// It completes with [`Malformed::Invalid`] in the very call in which no continuation could make
/// the bytes valid any more; letters that stand before the bad bytes in the same chunk are lost
/// then. Sent [`Input::End`], it completes: with `Ok` if every byte has been yielded as part of a
/// letter, and else with [`Malformed::Truncated`].
// ANCHOR: fields
#[derive(Default)]
pub struct Decoder {
    // YOURS
    /// The beginning of a letter whose end has not arrived: three bytes at the most.
    cut: Vec<u8>,
    complete: bool,
    // STUB: // What has to be remembered between two chunks?
    // YOURS_END
}
// ANCHOR_END: fields

impl Decoder {
    /// One that has been sent nothing.
    pub fn new() -> Decoder {
        Decoder::default()
    }
    // YOURS

    fn end_with(&mut self, result: Result<(), Malformed>) -> Step<String, Result<(), Malformed>> {
        self.complete = true;
        Step::Complete(result)
    }

    // ANCHOR: decode
    fn decode(&mut self, chunk: &[u8]) -> Step<String, Result<(), Malformed>> {
        let mut bytes = std::mem::take(&mut self.cut);
        bytes.extend_from_slice(chunk);
        match std::str::from_utf8(&bytes) {
            Ok(text) => Step::Yielded(text.to_owned()),
            // `error_len` is `None` where the bytes end too early, and says how many are wrong
            // where they are wrong.
            Err(error) if error.error_len().is_none() => {
                self.cut = bytes.split_off(error.valid_up_to());
                Step::Yielded(String::from_utf8(bytes).expect("valid up to here"))
            }
            Err(_) => self.end_with(Err(Malformed::Invalid)),
        }
    }
    // ANCHOR_END: decode
    // YOURS_END
}

impl Generator<Input> for Decoder {
    type Yield = String;
    type Return = Result<(), Malformed>;

    /// # Panics
    ///
    /// Whenever it is resumed after it has completed.
    fn resume(&mut self, sent: Input) -> Step<String, Result<(), Malformed>> {
        // YOURS
        assert!(!self.complete, "resumed after completion");
        match sent {
            Input::Bytes(chunk) => self.decode(&chunk),
            Input::End if self.cut.is_empty() => self.end_with(Ok(())),
            Input::End => self.end_with(Err(Malformed::Truncated)),
        }
        // STUB: todo!("yield the letters that are complete by now")
        // YOURS_END
    }
}
