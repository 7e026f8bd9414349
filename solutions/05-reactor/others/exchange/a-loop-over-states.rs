//! A loop over the states of the sale; bytes are read one at a time.

use std::io;

use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use reactor::sale::{self, Outcome};

enum Next {
    AskForTheName,
    Offer(u32),
    Say(&'static str, Outcome),
    End(Outcome),
}

pub async fn serve<S>(mut stream: S) -> io::Result<Outcome>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut next = Next::AskForTheName;
    loop {
        next = match next {
            Next::AskForTheName => {
                stream.write_all(&sale::message(sale::GREETING)).await?;
                stream.flush().await?;
                match hear(&mut stream).await? {
                    None => Next::End(Outcome::Gone),
                    Some(name) => match sale::price(&name) {
                        Some(price) => Next::Offer(price),
                        None => Next::Say(sale::UNKNOWN, Outcome::Refused),
                    },
                }
            }
            Next::Offer(price) => {
                stream
                    .write_all(&sale::message(&sale::offer(price)))
                    .await?;
                stream.flush().await?;
                match hear(&mut stream).await?.as_deref() {
                    None => Next::End(Outcome::Gone),
                    Some(b"yes") => Next::Say(sale::SOLD, Outcome::Sold),
                    Some(_) => Next::Say(sale::NO_SALE, Outcome::Refused),
                }
            }
            Next::Say(text, outcome) => {
                stream.write_all(&sale::message(text)).await?;
                Next::End(outcome)
            }
            Next::End(outcome) => {
                stream.close().await?;
                return Ok(outcome);
            }
        }
    }
}

async fn hear(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let Some(length) = byte(stream).await? else {
        return Ok(None);
    };
    let mut heard = Vec::new();
    for _ in 0..length {
        match byte(stream).await? {
            Some(byte) => heard.push(byte),
            None => return Ok(None),
        }
    }
    Ok(Some(heard))
}

/// `None` at the end.
async fn byte(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<u8>> {
    let mut byte = [0];
    let count = stream.read(&mut byte).await?;
    Ok((count > 0).then_some(byte[0]))
}
