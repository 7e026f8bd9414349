//! The caller's end of one request.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};

use postgres_protocol::message::backend::Message;

use super::error::{Error, ServerError};
use super::inbox::Inbox;
use super::shared::Shared;

/// The messages that answer one request. Dropping it abandons the request: what the server still sends for it is
/// dropped, and no other caller gets it.
pub(super) struct Answer {
    pub(super) inbox: Rc<Inbox>,
    pub(super) shared: Rc<Shared>,
}

impl Answer {
    /// The next message; `None` when the answer is complete. After an error of the server it waits for the rest of the
    /// answer, which it drops: when the caller sees the error, the connection is ready for the next request.
    pub(super) async fn next(&self) -> Result<Option<Message>, Error> {
        let message = self.raw().await?;
        if let Some(Message::ErrorResponse(body)) = &message {
            let error = Error::Server(ServerError::read(body.fields())?);
            let _lost = self.finish().await;
            return Err(error);
        }
        Ok(message)
    }

    async fn raw(&self) -> Result<Option<Message>, Error> {
        poll_fn(|context| self.poll_next(context)).await.transpose()
    }

    /// Wakes the connection if it waited for room.
    pub(super) fn poll_next(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, Error>>> {
        let was_full = self.inbox.is_full();
        let message = self.inbox.poll_next(context);
        if was_full && !self.inbox.is_full() {
            self.shared.wake_driver();
        }
        message
    }

    /// Waits until the answer is complete. What is left of it is dropped; an error in it is returned.
    pub(super) async fn finish(&self) -> Result<(), Error> {
        let mut first = Ok(());
        while let Some(message) = self.raw().await? {
            if let (Message::ErrorResponse(body), Ok(())) = (&message, &first) {
                first = Err(Error::Server(ServerError::read(body.fields())?));
            }
        }
        first
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        let was_full = self.inbox.is_full();
        self.inbox.abandon();
        if was_full || !self.inbox.is_finished() {
            self.shared.wake_driver();
        }
    }
}
