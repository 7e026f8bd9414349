//! Debug this program.
//! A *netstring* is a text with its length in front: `5:hello`. This future reads one from
//! a wire, byte by byte. Some days it panics; on others its output is only the beginning of the text, or
//! `None`. Find out why, and repair it.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
// STUB: use std::task::ready;
// STUB:
// YOURS_END
/// A source of bytes.
pub trait Wire {
    /// The next byte, or `None` at the end. If it is pending, it wakes the task of this poll when a
    /// byte or the end arrives.
    fn poll_byte(&mut self, context: &mut Context<'_>) -> Poll<Option<u8>>;
}

/// Reads one netstring. The output is its text, or `None` if
///
/// - the length is not one to six ASCII digits (zeros in front are digits, too),
/// - the wire ends too early, or
/// - the bytes of the text, which the length counts, are not UTF-8.
///
/// It takes no byte from the wire that follows the netstring. If the length is wrong, it takes no
/// byte of the text: whether it stops at the first wrong byte of the length or at the colon is left
/// open. It polls the wire with the `Context` of its own poll, and never wakes its task itself.
///
/// # Cancel safety
///
/// Dropping it loses the bytes that it has read.
pub fn netstring<W: Wire>(wire: &mut W) -> Netstring<'_, W> {
    let digits = String::new();
    Netstring {
        wire,
        state: State::Length { digits },
    }
}

/// See [`netstring`].
#[must_use = "a future does nothing until it is polled"]
pub struct Netstring<'w, W> {
    wire: &'w mut W,
    state: State,
}

enum State {
    Length { digits: String },
    Text { length: usize, text: Vec<u8> },
    Complete,
}

impl<W: Wire> Future for Netstring<'_, W> {
    type Output = Option<String>;

    /// # Panics
    ///
    /// At each poll after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<String>> {
        let this = self.get_mut();
        loop {
            match mem::replace(&mut this.state, State::Complete) {
                State::Length { mut digits } => match this.wire.poll_byte(context) {
                    // YOURS
                    // ANCHOR: length
                    Poll::Pending => {
                        this.state = State::Length { digits };
                        return Poll::Pending;
                    }
                    // ANCHOR_END: length
                    // STUB: Poll::Pending => {
                    // STUB:     let digits = String::new();
                    // STUB:     this.state = State::Length { digits };
                    // STUB:     return Poll::Pending;
                    // STUB: }
                    // YOURS_END
                    Poll::Ready(Some(b':')) => match length(&digits) {
                        Some(length) => {
                            let text = Vec::new();
                            this.state = State::Text { length, text };
                        }
                        None => return Poll::Ready(None),
                    },
                    Poll::Ready(Some(digit)) if digits.len() < 6 => {
                        digits.push(char::from(digit));
                        this.state = State::Length { digits };
                    }
                    Poll::Ready(_) => return Poll::Ready(None),
                },
                State::Text { length, text } if text.len() == length => {
                    return Poll::Ready(String::from_utf8(text).ok());
                }
                // YOURS
                // ANCHOR: text
                State::Text { length, mut text } => match this.wire.poll_byte(context) {
                    Poll::Pending => {
                        this.state = State::Text { length, text };
                        return Poll::Pending;
                    }
                    Poll::Ready(Some(byte)) => {
                        text.push(byte);
                        this.state = State::Text { length, text };
                    }
                    Poll::Ready(None) => return Poll::Ready(None),
                },
                // ANCHOR_END: text
                // STUB: State::Text { length, mut text } => match ready!(this.wire.poll_byte(context)) {
                // STUB:     Some(byte) => {
                // STUB:         text.push(byte);
                // STUB:         this.state = State::Text { length, text };
                // STUB:     }
                // STUB:     None => return Poll::Ready(None),
                // STUB: },
                // YOURS_END
                State::Complete => panic!("polled after it was ready"),
            }
        }
    }
}

/// The length, if these are digits.
fn length(digits: &str) -> Option<usize> {
    let all = digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| all)
}
