//! Debug this program.
//! A *netstring* is a text with its length in front: `5:hello`. This future reads one from
//! a wire, byte by byte. It works, as long as the bytes are there before they are asked for; on a
//! slow wire it does not. Find out why, and repair it.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use std::task::ready;

/// Where bytes come from.
pub trait Wire {
    /// The next byte, or `None` if there are no more. If it is pending, the task is woken when it
    /// is worth asking again.
    fn poll_byte(&mut self, context: &mut Context<'_>) -> Poll<Option<u8>>;
}

/// Reads one netstring: its text, or `None` if the wire ends too early, if the length is no number
/// below 1,000,000, or if the text is no UTF-8.
///
/// It takes no byte more from the wire than it needs.
///
/// ```text
///   Length ──a colon──▶ Text ──all of it──▶ Complete
///     └──no number───────┴────no more bytes────▲
/// ```
///
/// # Cancel safety
///
/// The bytes that it has read are lost with it.
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
    /// If it is complete.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<String>> {
        let this = self.get_mut();
        loop {
            match mem::replace(&mut this.state, State::Complete) {
                State::Length { mut digits } => match this.wire.poll_byte(context) {
                    Poll::Pending => {
                        let digits = String::new();
                        this.state = State::Length { digits };
                        return Poll::Pending;
                    }
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
                State::Text { length, mut text } => match ready!(this.wire.poll_byte(context)) {
                    Some(byte) => {
                        text.push(byte);
                        this.state = State::Text { length, text };
                    }
                    None => return Poll::Ready(None),
                },
                State::Complete => panic!("polled after it was ready"),
            }
        }
    }
}

/// The number that the digits stand for, if they are digits.
fn length(digits: &str) -> Option<usize> {
    let all = digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| all)
}
