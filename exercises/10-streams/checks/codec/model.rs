//! What the contract says of a whole input.

use super::super::subject::ChunkError;

/// The frames of an input, and what may follow the last of them.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) frames: Vec<Vec<u8>>,
    pub(super) ends: Ends,
}

#[derive(Debug)]
pub(super) enum Ends {
    /// The body ends behind this number of bytes.
    At(usize),
    /// One of these errors.
    With(Vec<ChunkError>),
}

const LONGEST: usize = 256;

const ANY: [ChunkError; 3] = [
    ChunkError::Malformed,
    ChunkError::TooLong,
    ChunkError::Truncated,
];

pub(super) fn model(input: &[u8], limit: usize) -> Model {
    let (mut frames, mut rest) = (Vec::new(), input);
    let errors = loop {
        let (text, end) = line(rest);
        let mut errors = errors_of_size(rest, text, end, limit);
        if text.is_empty() && end == End::Missing && !rest.is_empty() {
            errors.push(ChunkError::Malformed); // Its `\r` has arrived.
        }
        if !errors.is_empty() {
            break errors;
        }
        let size = value(text).expect("a line with a size");
        rest = &rest[text.len() + 2..];
        if size == 0 {
            break match trailer(rest) {
                Ok(left) => {
                    let ends = Ends::At(input.len() - left);
                    return Model { frames, ends };
                }
                Err(errors) => errors,
            };
        }
        let size = usize::try_from(size).expect("it is at most the limit");
        let Some((chunk, behind)) = rest.split_at_checked(size) else {
            break vec![ChunkError::Truncated];
        };
        if let Some(behind) = behind.strip_prefix(b"\r\n") {
            frames.push(chunk.to_vec());
            rest = behind;
            continue;
        }
        break match behind {
            [] | [b'\r'] => vec![ChunkError::Truncated],
            _ => ANY.to_vec(), // Whether it is too long or cut off depends on where its end is sought.
        };
    };
    let ends = Ends::With(errors);
    Model { frames, ends }
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    There,
    /// A `\r` or a `\n` that stands alone.
    Bad,
    /// The input ends in the line, or between the two bytes of its end.
    Missing,
}

fn line(input: &[u8]) -> (&[u8], End) {
    let at = input.iter().position(|byte| b"\r\n".contains(byte));
    let (text, end) = input.split_at(at.unwrap_or(input.len()));
    let end = match end {
        [b'\r', b'\n', ..] => End::There,
        [] | [b'\r'] => End::Missing,
        _ => End::Bad,
    };
    (text, end)
}

/// The size, if the text has one. What no `usize` holds is more than every limit.
fn value(text: &[u8]) -> Option<u128> {
    let digits = text.split(|byte| *byte == b';').next()?;
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u128, |size, byte| {
        let digit = char::from(*byte).to_digit(16)?;
        Some(size.saturating_mul(16).saturating_add(digit.into()))
    })
}

/// The errors that a line with a size may have, and an input that ends in it.
fn errors_of_size(rest: &[u8], text: &[u8], end: End, limit: usize) -> Vec<ChunkError> {
    let mut errors = errors_of_line(rest, text, end);
    let value = value(text);
    if value.is_none() && !(text.is_empty() && end == End::Missing) {
        errors.push(ChunkError::Malformed);
    }
    // What stands behind the digits may be seen later than that they are too many.
    let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit());
    let digits: Vec<u8> = digits.copied().collect();
    if self::value(&digits).is_some_and(|value| value > limit as u128) {
        errors.push(ChunkError::TooLong);
    }
    errors
}

fn errors_of_line(rest: &[u8], text: &[u8], end: End) -> Vec<ChunkError> {
    let mut errors = match end {
        End::There => Vec::new(),
        End::Bad => match rest.windows(2).position(|two| two == b"\r\n") {
            Some(..=LONGEST) => vec![ChunkError::Malformed],
            Some(_) => vec![ChunkError::Malformed, ChunkError::TooLong],
            None => ANY.to_vec(), // As above.
        },
        End::Missing => vec![ChunkError::Truncated],
    };
    if text.len() > LONGEST {
        errors.push(ChunkError::TooLong);
    }
    errors
}

/// How many bytes are left behind the empty line.
fn trailer(mut rest: &[u8]) -> Result<usize, Vec<ChunkError>> {
    loop {
        let (text, end) = line(rest);
        let errors = errors_of_line(rest, text, end);
        if !errors.is_empty() {
            return Err(errors);
        }
        rest = &rest[text.len() + 2..];
        if text.is_empty() {
            return Ok(rest.len());
        }
    }
}
