//! The exchange that this chapter writes five times: a small sale, in three steps.
//!
//! ```text
//!   server                                 client
//!   "your name?"            ──▶
//!                           ◀──            "ada"
//!   "12 coins, yes or no?"  ──▶                        or an error, and the end
//!                           ◀──            "yes"
//!   "sold"                  ──▶                        or an error, and the end
//! ```
//!
//! A message is one byte with its length, and then its bytes. The client may send them
//! in pieces of any size, or the next message before it has been asked. After the last message the
//! server sends the end.

pub mod client;

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The client said yes.
    Sold,
    /// The client was told an error.
    Refused,
    /// The client's end came before its answer. It is told nothing more.
    Gone,
}

/// What the server says first.
pub const GREETING: &str = "your name?";
/// The last message of a successful exchange.
pub const SOLD: &str = "sold";
/// Its answer to an unknown name. Nothing follows.
pub const UNKNOWN: &str = "error: we do not know you";
/// Its answer to anything but a yes. Nothing follows.
pub const NO_SALE: &str = "error: no sale";

/// What this client has to pay, if it is known.
#[must_use]
pub fn price(name: &[u8]) -> Option<u32> {
    match name {
        b"ada" => Some(12),
        b"grace" => Some(30),
        _ => None,
    }
}

/// The offer to a known client.
#[must_use]
pub fn offer(price: u32) -> String {
    format!("{price} coins, yes or no?")
}

/// A text as a message: its length in one byte, and then its bytes.
///
/// # Panics
///
/// If it is longer than 255 bytes.
#[must_use]
pub fn message(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).expect("a message has at most 255 bytes");
    [&[length], text.as_bytes()].concat()
}

/// Takes the first message out of what has come in so far, if it is there to its last byte.
pub fn take_message(incoming: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = usize::from(*incoming.first()?);
    let body = incoming.get(1..=length)?.to_vec();
    incoming.drain(..=length);
    Some(body)
}
