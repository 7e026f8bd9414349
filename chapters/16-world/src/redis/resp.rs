//! Redis' protocol, RESP 2: commands as bytes, and bytes as values. It does no I/O.

use std::fmt;
use std::ops::Range;

/// What the server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A short text, for instance `OK`.
    Simple(String),
    /// The command failed. The connection can be used again.
    Error(String),
    /// A number.
    Integer(i64),
    /// Bytes.
    Bulk(Vec<u8>),
    /// Nothing is there.
    Nil,
    /// Several values.
    Array(Vec<Value>),
}

/// Bytes that are no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// So deep may arrays lie in arrays.
const DEEPEST: usize = 32;
/// Redis takes and sends no longer bulk.
const LONGEST: usize = 512 << 20;

/// Appends a command: its words, each with its length.
///
/// ```
/// let mut bytes = Vec::new();
/// world::redis::encode(&["GET", "price"], &mut bytes);
/// assert_eq!(bytes, b"*2\r\n$3\r\nGET\r\n$5\r\nprice\r\n");
/// ```
pub fn encode<W: AsRef<[u8]>>(words: &[W], bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        let word = word.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
}

/// Takes the first value off the front of the bytes. `None` if it has not arrived completely; the bytes stay then.
///
/// ```
/// use world::redis::{Value, decode};
///
/// let mut bytes = b"+OK\r\n:4".to_vec();
/// assert_eq!(decode(&mut bytes), Ok(Some(Value::Simple("OK".to_owned()))));
/// assert_eq!(decode(&mut bytes), Ok(None));
/// bytes.extend_from_slice(b"2\r\n");
/// assert_eq!(decode(&mut bytes), Ok(Some(Value::Integer(42))));
/// ```
///
/// # Errors
///
/// [`Malformed`] if the bytes cannot become a value.
pub fn decode(bytes: &mut Vec<u8>) -> Result<Option<Value>, Malformed> {
    let mut reader = Reader { bytes, next: 0 };
    let value = reader.value(0)?;
    if value.is_some() {
        let end = reader.next;
        bytes.drain(..end);
    }
    Ok(value)
}

struct Reader<'a> {
    bytes: &'a [u8],
    next: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Option<Value>, Malformed> {
        let Some(line) = self.line()? else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&self.bytes[line]).map_err(|_| Malformed)?;
        let Some(kind) = text.chars().next() else {
            return Err(Malformed);
        };
        let rest = &text[kind.len_utf8()..];
        match kind {
            '+' => Ok(Some(Value::Simple(rest.to_owned()))),
            '-' => Ok(Some(Value::Error(rest.to_owned()))),
            ':' => Ok(Some(Value::Integer(number(rest)?))),
            '$' => match length(rest)? {
                Some(length) => self.bulk(length),
                None => Ok(Some(Value::Nil)),
            },
            '*' if depth < DEEPEST => match length(rest)? {
                Some(length) => self.array(length, depth),
                None => Ok(Some(Value::Nil)),
            },
            _other => Err(Malformed),
        }
    }

    /// Up to the next `\r\n`, without it.
    fn line(&mut self) -> Result<Option<Range<usize>>, Malformed> {
        let rest = &self.bytes[self.next..];
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
            return Ok(None);
        };
        if end == 0 || rest[end - 1] != b'\r' {
            return Err(Malformed);
        }
        let line = self.next..self.next + end - 1;
        self.next += end + 1;
        Ok(Some(line))
    }

    fn bulk(&mut self, length: usize) -> Result<Option<Value>, Malformed> {
        let rest = &self.bytes[self.next..];
        if rest.len() < length + 2 {
            return Ok(None);
        }
        if &rest[length..length + 2] != b"\r\n" {
            return Err(Malformed);
        }
        self.next += length + 2;
        Ok(Some(Value::Bulk(rest[..length].to_vec())))
    }

    fn array(&mut self, length: usize, depth: usize) -> Result<Option<Value>, Malformed> {
        // No room is reserved: the length is a claim of the server.
        let mut values = Vec::new();
        for _ in 0..length {
            match self.value(depth + 1)? {
                Some(value) => values.push(value),
                None => return Ok(None),
            }
        }
        Ok(Some(Value::Array(values)))
    }
}

fn number(text: &str) -> Result<i64, Malformed> {
    text.parse().map_err(|_| Malformed)
}

/// `None` stands for -1: there is nothing.
fn length(text: &str) -> Result<Option<usize>, Malformed> {
    match number(text)? {
        -1 => Ok(None),
        length => match usize::try_from(length) {
            Ok(length) if length <= LONGEST => Ok(Some(length)),
            _other => Err(Malformed),
        },
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the bytes are no value of Redis' protocol")
    }
}

impl std::error::Error for Malformed {}
