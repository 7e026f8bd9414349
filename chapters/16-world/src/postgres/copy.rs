//! `COPY`: many rows as one stream of bytes, in and out.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures::Stream;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend::{self, CopyData};

use super::answer::Answer;
use super::client::Client;
use super::error::{Error, ServerError};
use super::inbox::{Inbox, UploadEnd};
use super::shared::Kind;

/// This many bytes wait for the connection; then `send` waits.
const WAITING: usize = 64 * 1024;
/// This many messages wait for the caller; then the connection reads no more.
pub(super) const MESSAGES: usize = 64;

/// The data of a `COPY … FROM STDIN`. Requests of other callers on the same connection wait for its end. Dropping it
/// without [`finish`](CopyIn::finish) has the server drop every row of it.
#[must_use = "the server keeps nothing without `finish`"]
pub struct CopyIn {
    answer: Answer,
}

/// The data of a `COPY … TO STDOUT`: a stream of pieces. Dropping it early has the connection drop the rest.
///
/// The connection keeps 64 pieces, and then reads nothing until the caller takes some. A caller that awaits another
/// request of the same connection meanwhile waits forever.
pub struct CopyOut {
    answer: Answer,
}

impl Client {
    /// Begins a `COPY … FROM STDIN`.
    ///
    /// # Errors
    ///
    /// The server's, and [`Error::Misused`] if the text is another statement.
    pub async fn copy_in(&self, text: &str) -> Result<CopyIn, Error> {
        let query = |bytes: &mut _| Ok(frontend::query(text, bytes)?);
        let answer = self.send_to(Inbox::default(), Kind::CopyIn, query)?;
        match answer.next().await? {
            Some(Message::CopyInResponse(_)) => Ok(CopyIn { answer }),
            _other => Err(Error::Misused("it is no COPY … FROM STDIN".to_owned())),
        }
    }

    /// Begins a `COPY … TO STDOUT`.
    ///
    /// # Errors
    ///
    /// The server's, and [`Error::Misused`] if the text is another statement.
    pub async fn copy_out(&self, text: &str) -> Result<CopyOut, Error> {
        let query = |bytes: &mut _| Ok(frontend::query(text, bytes)?);
        let answer = self.send_to(Inbox::with_limit(MESSAGES), Kind::Call, query)?;
        match answer.next().await? {
            Some(Message::CopyOutResponse(_)) => Ok(CopyOut { answer }),
            _other => Err(Error::Misused("it is no COPY … TO STDOUT".to_owned())),
        }
    }
}

impl CopyIn {
    /// Waits until there is room, and hands the bytes to the connection. Rows may be cut anywhere.
    ///
    /// # Errors
    ///
    /// The server's, if it has refused a row by now.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it has handed over nothing.
    pub async fn send(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let data = CopyData::new(bytes);
        let data = data.map_err(|error| Error::Misused(error.to_string()))?;
        if poll_fn(|context| self.poll_room(context)).await {
            (self.answer.inbox).upload(|upload| data.write(&mut upload.bytes));
            self.answer.shared.wake_driver();
            return Ok(());
        }
        self.answer.finish().await?;
        Err(Error::Misused("the server ended the COPY".to_owned()))
    }

    /// Whether there is room; `false` if the server has ended the `COPY`.
    fn poll_room(&self, context: &mut Context<'_>) -> Poll<bool> {
        let inbox = &self.answer.inbox;
        if inbox.is_finished() {
            return Poll::Ready(false);
        }
        inbox.upload(|upload| {
            if upload.bytes.len() < WAITING {
                return Poll::Ready(true);
            }
            upload.waker = Some(context.waker().clone());
            Poll::Pending
        })
    }

    /// Ends the data, and returns the number of rows that the server took.
    ///
    /// # Errors
    ///
    /// The server's; it keeps no row then.
    ///
    /// # Cancel safety
    ///
    /// Once it was polled, the server keeps the rows, also if this is dropped.
    pub async fn finish(self) -> Result<u64, Error> {
        (self.answer.inbox).upload(|upload| upload.end = Some(UploadEnd::Done));
        self.answer.shared.wake_driver();
        let mut rows = 0;
        while let Some(message) = self.answer.next().await? {
            if let Message::CommandComplete(body) = message {
                let number = body.tag()?.rsplit(' ').next();
                rows = number.and_then(|number| number.parse().ok()).unwrap_or(0);
            }
        }
        Ok(rows)
    }
}

impl Stream for CopyOut {
    type Item = Result<Bytes, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(self.answer.poll_next(context)) {
                Some(Ok(Message::CopyData(body))) => {
                    return Poll::Ready(Some(Ok(body.into_bytes())));
                }
                Some(Ok(Message::ErrorResponse(body))) => {
                    let error = ServerError::read(body.fields())?;
                    return Poll::Ready(Some(Err(Error::Server(error))));
                }
                Some(Ok(_other)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl fmt::Debug for CopyIn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CopyIn")
    }
}

impl fmt::Debug for CopyOut {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("CopyOut")
    }
}
