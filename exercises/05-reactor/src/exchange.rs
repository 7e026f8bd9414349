//! The sale, as a task: the steps of the blocking version, each of which lets others run.

use std::io;

use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use reactor::sale::{self, Outcome};

/// One client, from the greeting to the end.
///
/// What is said is in [`sale`]: `GREETING`, `UNKNOWN`, `NO_SALE` and `SOLD` are texts,
/// `price(name) -> Option<u32>` knows who is known, and `offer(price) -> String` is what they are
/// told. On its way a text is a message: a byte that says how long it is, and then its bytes.
/// `message(text) -> Vec<u8>` makes one.
///
/// When it is ready, everything has been flushed and the end has been sent, whatever the outcome;
/// that is what the stream's `close` does.
///
/// # Errors
///
/// The stream's. That the client's end comes before its answer is no error, but [`Outcome::Gone`].
///
/// # Cancel safety
///
/// Dropping it closes the stream in the middle of the exchange.
pub async fn serve<S>(mut stream: S) -> io::Result<Outcome>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    todo!("say hello, and then one step after the other")
}
