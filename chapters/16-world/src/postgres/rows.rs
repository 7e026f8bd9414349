//! The rows of a statement as a stream: no more than some of them are in memory.

use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures::Stream;
use postgres_protocol::message::backend::Message;

use super::answer::Answer;
use super::client::{Client, Statement};
use super::copy::MESSAGES;
use super::error::{Error, ServerError};
use super::inbox::Inbox;
use super::row::Row;

/// The rows of one execution. Dropping it early has the connection drop the rest.
///
/// The connection keeps 64 rows, and then reads nothing until the caller takes some. A caller that awaits another
/// request of the same connection meanwhile waits forever.
pub struct Rows {
    answer: Answer,
    columns: Rc<[String]>,
}

impl Client {
    /// Executes a prepared statement: its rows as they come.
    ///
    /// # Errors
    ///
    /// [`Error::Misused`] as for [`query`](Client::query). The server's errors are items of the stream.
    pub fn rows(&self, statement: &Statement, values: &[Option<&str>]) -> Result<Rows, Error> {
        let answer = self.start(Inbox::with_limit(MESSAGES), statement, values)?;
        Ok(Rows {
            answer,
            columns: statement.shared_columns(),
        })
    }
}

impl Stream for Rows {
    type Item = Result<Row, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match ready!(self.answer.poll_next(context)) {
                Some(Ok(Message::DataRow(body))) => {
                    return Poll::Ready(Some(Row::read(&self.columns, &body)));
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

impl fmt::Debug for Rows {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Rows")
    }
}
