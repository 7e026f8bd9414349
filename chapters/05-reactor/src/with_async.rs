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
    // YOURS
    let outcome = converse(&mut stream).await?;
    stream.close().await?;
    Ok(outcome)
    // STUB: todo!("say hello, and then one step after the other")
    // YOURS_END
}
// YOURS

// ANCHOR: converse
async fn converse(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> io::Result<Outcome> {
    send(stream, sale::GREETING).await?;
    let Some(name) = receive(stream).await? else {
        return Ok(Outcome::Gone);
    };
    let Some(price) = sale::price(&name) else {
        send(stream, sale::UNKNOWN).await?;
        return Ok(Outcome::Refused);
    };
    send(stream, &sale::offer(price)).await?;
    let Some(answer) = receive(stream).await? else {
        return Ok(Outcome::Gone);
    };
    if answer != b"yes" {
        send(stream, sale::NO_SALE).await?;
        return Ok(Outcome::Refused);
    }
    send(stream, sale::SOLD).await?;
    Ok(Outcome::Sold)
}
// ANCHOR_END: converse

async fn send(stream: &mut (impl AsyncWrite + Unpin), text: &str) -> io::Result<()> {
    stream.write_all(&sale::message(text)).await?;
    stream.flush().await
}

/// `None` if the end comes first.
async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0];
    let mut message = Vec::new();
    let received = async {
        stream.read_exact(&mut length).await?;
        message.resize(usize::from(length[0]), 0);
        stream.read_exact(&mut message).await
    };
    match received.await {
        Ok(()) => Ok(Some(message)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
// YOURS_END
