//! The sale, as a task: the steps of the blocking version, each of which lets others run.

use std::io;

use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use reactor::sale::{self, Outcome};

/// Serves one client, from the greeting to the end.
///
/// The texts are in [`sale`]: `GREETING`, `UNKNOWN`, `NO_SALE` and `SOLD`. `price(name) ->
/// Option<u32>` is the price for a known client, and `offer(price) -> String` is the offer to that
/// client. A text is sent as a message: one byte with its length, and then its bytes.
/// `message(text) -> Vec<u8>` makes one.
///
/// Before `serve` returns an outcome, any of the three, it closes the stream and waits until the
/// close is done: that flushes every byte and sends the end. Then it drops the stream.
///
/// # Errors
///
/// The stream's first error, as it is. After an error `serve` neither reads nor writes. An end of
/// the client before its whole answer is no error, but [`Outcome::Gone`].
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
