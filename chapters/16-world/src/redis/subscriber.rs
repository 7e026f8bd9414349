//! What other clients publish, as a stream.

use std::fmt;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::resp::{Value, decode, encode};

/// A message that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Where it was published.
    pub channel: String,
    /// What was published.
    pub payload: Vec<u8>,
}

/// The messages of some channels, on a connection of its own: a connection that is subscribed takes no other commands
/// in RESP 2. Messages that are published while it reads are neither lost nor kept by the server beyond its limit
/// (`client-output-buffer-limit pubsub`).
pub struct Subscriber<S> {
    stream: S,
    incoming: Vec<u8>,
    /// This many confirmations are missing.
    unconfirmed: usize,
    ended: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Subscriber<S> {
    /// Subscribes to these channels, and waits until the server has confirmed each: what is published after that is
    /// in the stream.
    ///
    /// # Errors
    ///
    /// The stream's, and [`ErrorKind::InvalidData`] if the server refuses.
    ///
    /// # Cancel safety
    ///
    /// Dropping it closes the stream.
    pub async fn subscribe(mut stream: S, channels: &[&str]) -> io::Result<Subscriber<S>> {
        let mut bytes = Vec::new();
        encode(&[&["SUBSCRIBE"], channels].concat(), &mut bytes);
        stream.write_all(&bytes).await?;
        stream.flush().await?;
        let mut subscriber = Subscriber {
            stream,
            incoming: Vec::new(),
            unconfirmed: channels.len(),
            ended: false,
        };
        let confirmed = std::future::poll_fn(|context| subscriber.poll_confirmed(context));
        confirmed.await?;
        Ok(subscriber)
    }

    fn poll_confirmed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.unconfirmed > 0 {
            match ready!(self.poll_value(context))? {
                Value::Array(values) if is_text(values.first(), "subscribe") => {
                    self.unconfirmed -= 1;
                }
                Value::Error(text) => return Poll::Ready(Err(io::Error::other(text))),
                _other => return Poll::Ready(Err(ErrorKind::InvalidData.into())),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_value(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Value>> {
        loop {
            match decode(&mut self.incoming) {
                Ok(Some(value)) => return Poll::Ready(Ok(value)),
                Ok(None) => {}
                Err(_malformed) => return Poll::Ready(Err(ErrorKind::InvalidData.into())),
            }
            let mut chunk = [0; 4_096];
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut chunk))? {
                0 => return Poll::Ready(Err(ErrorKind::UnexpectedEof.into())),
                count => self.incoming.extend_from_slice(&chunk[..count]),
            }
        }
    }
}

fn is_text(value: Option<&Value>, text: &str) -> bool {
    matches!(value, Some(Value::Bulk(bytes)) if bytes == text.as_bytes())
}

fn message(value: Value) -> Option<Message> {
    let Value::Array(values) = value else {
        return None;
    };
    match <[Value; 3]>::try_from(values).ok()? {
        [
            Value::Bulk(kind),
            Value::Bulk(channel),
            Value::Bulk(payload),
        ] if kind == b"message" => Some(Message {
            channel: String::from_utf8_lossy(&channel).into_owned(),
            payload,
        }),
        _other => None,
    }
}

/// The stream ends after its first error, which is also what the server's end is.
impl<S: AsyncRead + AsyncWrite + Unpin> Stream for Subscriber<S> {
    type Item = io::Result<Message>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let item = ready!(self.poll_value(context))
            .and_then(|value| message(value).ok_or_else(|| ErrorKind::InvalidData.into()));
        self.ended = item.is_err();
        Poll::Ready(Some(item))
    }
}

impl<S> fmt::Debug for Subscriber<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Subscriber")
    }
}
