//! Takes what one read gives for one message.
//!
//! The sale, as a task: the steps of the blocking version, each of which lets others run.

use std::io;

use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use reactor::sale::{self, Outcome};

/// One client, from the greeting to the end: see [`sale`]. When it is ready, everything has been
/// flushed and the end has been sent, whatever the outcome; that is what the stream's `close` does.
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
    let outcome = converse(&mut stream).await?;
    stream.close().await?;
    Ok(outcome)
}

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

async fn send(stream: &mut (impl AsyncWrite + Unpin), text: &str) -> io::Result<()> {
    stream.write_all(&sale::message(text)).await?;
    stream.flush().await
}

/// `None` if the end comes first.
async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    // ANCHOR: mistake
    let mut buffer = [0; 256];
    let count = stream.read(&mut buffer).await?;
    if count == 0 {
        return Ok(None);
    }
    Ok(Some(buffer[1..count].to_vec()))
    // ANCHOR_END: mistake
}
