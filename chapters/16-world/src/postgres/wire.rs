//! Messages on a stream of bytes, in both directions.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use futures::io::{AsyncRead, AsyncWrite};
use postgres_protocol::message::backend::{Header, Message};

use super::error::Error;

/// PostgreSQL sends no message that is longer.
const LONGEST: usize = 1 << 30;
const CHUNK: usize = 16 * 1024;

/// A stream with a buffer for each direction.
pub(super) struct Wire<S> {
    stream: S,
    incoming: BytesMut,
    pub(super) outgoing: BytesMut,
    /// Something was written and not flushed: a TLS stream may still hold it.
    unflushed: bool,
    chunk: Box<[u8]>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) fn new(stream: S) -> Wire<S> {
        Wire {
            stream,
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
            unflushed: false,
            chunk: vec![0; CHUNK].into(),
        }
    }

    /// The next message, if all of it has arrived.
    pub(super) fn decode(&mut self) -> Result<Option<Message>, Error> {
        let Some(header) = Header::parse(&self.incoming)? else {
            return Ok(None);
        };
        let length = usize::try_from(header.len()).unwrap_or(usize::MAX);
        if length > LONGEST {
            return Err(Error::protocol(format!("a message of {length} bytes")));
        }
        if self.incoming.len() <= length {
            return Ok(None);
        }
        Ok(Message::parse(&mut self.incoming)?)
    }

    /// Reads once. Returns the number of bytes: 0 is the end.
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let read = Pin::new(&mut self.stream).poll_read(context, &mut self.chunk);
        let count = ready!(read)?;
        self.incoming.extend_from_slice(&self.chunk[..count]);
        Poll::Ready(Ok(count))
    }

    /// Ready when everything is written and flushed. It counts in `written` what it wrote.
    pub(super) fn poll_write(
        &mut self,
        context: &mut Context<'_>,
        written: &mut usize,
    ) -> Poll<io::Result<()>> {
        while !self.outgoing.is_empty() {
            let wrote = Pin::new(&mut self.stream).poll_write(context, &self.outgoing);
            let count = ready!(wrote)?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.outgoing.advance(count);
            self.unflushed = true;
            *written += count;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(context))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(context)
    }

    /// Writes everything, and reads the next message: what a connection does before it is shared.
    pub(super) async fn exchange(&mut self) -> Result<Message, Error> {
        std::future::poll_fn(|context| self.poll_write(context, &mut 0)).await?;
        loop {
            if let Some(message) = self.decode()? {
                return Ok(message);
            }
            if std::future::poll_fn(|context| self.poll_read(context)).await? == 0 {
                return Err(Error::from(io::Error::from(io::ErrorKind::UnexpectedEof)));
            }
        }
    }
}
