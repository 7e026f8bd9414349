//! What callers do with a connection.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use bytes::BytesMut;
use postgres_protocol::IsNull;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend::{self, BindError};

use super::answer::Answer;
use super::cancel::CancelToken;
use super::error::Error;
use super::inbox::Inbox;
use super::notifications::Notifications;
use super::row::{Row, columns};
use super::shared::{Kind, Request, Shared, Transaction};

/// Sends requests on a connection. A clone is a client of the same connection.
///
/// Several requests may be on their way at the same time: each is sent without waiting for the answers before it
/// (*pipelining*), and the server answers in order. Values are text in both directions, and the server converts them.
///
/// # Cancel safety
///
/// Dropping the future of a request withdraws the request if no byte of it was sent. Otherwise the server
/// executes it, and the connection drops its answer. No other request gets that answer.
#[derive(Clone)]
pub struct Client {
    guard: Rc<Guard>,
}

/// The last one closes the connection.
struct Guard {
    shared: Rc<Shared>,
    statements: Cell<u64>,
    token: CancelToken,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.shared.close();
    }
}

/// The rows of one statement of a text.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The rows, if the statement returns any.
    pub rows: Vec<Row>,
    /// What the server says at the end, for instance `INSERT 0 3`.
    pub tag: String,
}

/// A statement that the server has parsed. Dropping the last clone of it closes it there.
#[derive(Clone)]
pub struct Statement {
    prepared: Rc<Prepared>,
}

struct Prepared {
    name: String,
    parameters: usize,
    columns: Rc<[String]>,
    shared: Rc<Shared>,
}

impl Drop for Prepared {
    fn drop(&mut self) {
        let mut bytes = BytesMut::new();
        let closed = frontend::close(b'S', &self.name, &mut bytes);
        closed.expect("the client's names have no NUL");
        frontend::sync(&mut bytes);
        self.shared.submit(Request {
            bytes,
            inbox: Rc::default(),
            kind: Kind::Detached,
        });
    }
}

impl Client {
    pub(super) fn new(shared: Rc<Shared>, token: CancelToken) -> Client {
        Client {
            guard: Rc::new(Guard {
                shared,
                statements: Cell::new(0),
                token,
            }),
        }
    }

    /// Sends a text of one or more statements, and returns what each of them returned.
    ///
    /// # Errors
    ///
    /// The first statement that fails ends the text, and its error is returned.
    pub async fn simple(&self, text: &str) -> Result<Vec<Outcome>, Error> {
        let answer = self.send(|bytes| Ok(frontend::query(text, bytes)?))?;
        let (mut outcomes, mut names) = (Vec::new(), no_columns());
        let mut outcome = Outcome::default();
        while let Some(message) = answer.next().await? {
            match message {
                Message::RowDescription(body) => names = columns(&body)?,
                Message::DataRow(body) => outcome.rows.push(Row::read(&names, &body)?),
                Message::CommandComplete(body) => {
                    outcome.tag = body.tag()?.to_owned();
                    outcomes.push(std::mem::take(&mut outcome));
                }
                _other => {}
            }
        }
        Ok(outcomes)
    }

    /// Has the server parse a statement. Its parameters are `$1`, `$2`, …
    ///
    /// # Errors
    ///
    /// If the server refuses it.
    pub async fn prepare(&self, text: &str) -> Result<Statement, Error> {
        let number = self.guard.statements.get() + 1;
        self.guard.statements.set(number);
        let mut prepared = Prepared {
            name: format!("s{number}"),
            parameters: 0,
            columns: no_columns(),
            shared: Rc::clone(&self.guard.shared),
        };
        let answer = self.send(|bytes| {
            frontend::parse(&prepared.name, text, [], bytes)?;
            frontend::describe(b'S', &prepared.name, bytes)?;
            frontend::sync(bytes);
            Ok(())
        })?;
        while let Some(message) = answer.next().await? {
            match message {
                Message::ParameterDescription(body) => {
                    prepared.parameters =
                        fallible_iterator::FallibleIterator::count(body.parameters())?;
                }
                Message::RowDescription(body) => prepared.columns = columns(&body)?,
                _other => {}
            }
        }
        Ok(Statement {
            prepared: Rc::new(prepared),
        })
    }

    /// Executes a prepared statement, and returns its rows. `None` is NULL.
    ///
    /// # Errors
    ///
    /// [`Error::Misused`] if the number of values is not that of the parameters; otherwise the server's.
    pub async fn query(
        &self,
        statement: &Statement,
        values: &[Option<&str>],
    ) -> Result<Vec<Row>, Error> {
        let answer = self.start(Inbox::default(), statement, values)?;
        let mut rows = Vec::new();
        while let Some(message) = answer.next().await? {
            if let Message::DataRow(body) = message {
                rows.push(Row::read(&statement.prepared.columns, &body)?);
            }
        }
        Ok(rows)
    }

    /// Executes a prepared statement, and returns the number of rows that it inserted, changed, deleted or selected.
    ///
    /// # Errors
    ///
    /// As for [`query`](Client::query).
    pub async fn execute(
        &self,
        statement: &Statement,
        values: &[Option<&str>],
    ) -> Result<u64, Error> {
        let answer = self.start(Inbox::default(), statement, values)?;
        let mut count = 0;
        while let Some(message) = answer.next().await? {
            if let Message::CommandComplete(body) = message {
                let number = body.tag()?.rsplit(' ').next();
                count = number.and_then(|number| number.parse().ok()).unwrap_or(0);
            }
        }
        Ok(count)
    }

    /// Waits until the server answers: whether the connection works.
    ///
    /// # Errors
    ///
    /// If it is lost.
    pub async fn ping(&self) -> Result<(), Error> {
        let answer = self.send(|bytes| {
            frontend::sync(bytes);
            Ok(())
        })?;
        answer.finish().await
    }

    /// What `NOTIFY` sends on this channel from now on.
    ///
    /// # Errors
    ///
    /// If the server refuses it.
    ///
    /// # Cancel safety
    ///
    /// If it is dropped, the connection may listen anyway.
    pub async fn listen(&self, channel: &str) -> Result<Notifications, Error> {
        // Before `LISTEN`: a notification may come with the answer.
        let receiver = self.guard.shared.subscribe();
        self.simple(&format!("LISTEN {}", quoted(channel))).await?;
        let receiver = receiver.expect("the connection has just answered");
        Ok(Notifications::new(receiver, channel, self.clone()))
    }

    /// What a [cancel request](super::cancel()) names this connection by.
    #[must_use]
    pub fn cancel_token(&self) -> CancelToken {
        self.guard.token
    }

    /// Whether the connection is lost, or was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.guard.shared.ended().is_some()
    }

    /// The number of requests that wait for their answers, those of callers that are gone among them.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.guard.shared.in_flight()
    }

    /// Whether the last complete answer left a transaction open.
    #[must_use]
    pub fn is_in_transaction(&self) -> bool {
        self.guard.shared.transaction() != Transaction::None
    }

    /// A setting that the server reports, for instance `server_version`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.guard.shared.parameter(name)
    }

    pub(super) fn start(
        &self,
        inbox: Inbox,
        statement: &Statement,
        values: &[Option<&str>],
    ) -> Result<Answer, Error> {
        let prepared = &statement.prepared;
        if !Rc::ptr_eq(&prepared.shared, &self.guard.shared) {
            return Err(Error::Misused(
                "the statement belongs to another connection".to_owned(),
            ));
        }
        if values.len() != prepared.parameters {
            let (values, parameters) = (values.len(), prepared.parameters);
            let reason = format!("{values} values for {parameters} parameters");
            return Err(Error::Misused(reason));
        }
        self.send_to(inbox, Kind::Call, |bytes| {
            bind(&prepared.name, values, bytes)?;
            frontend::execute("", 0, bytes)?;
            frontend::sync(bytes);
            Ok(())
        })
    }

    /// Puts a request behind those that were sent before.
    ///
    /// # Errors
    ///
    /// [`Error::Misused`] if it cannot be written.
    pub(super) fn send(
        &self,
        encode: impl FnOnce(&mut BytesMut) -> Result<(), Error>,
    ) -> Result<Answer, Error> {
        self.send_to(Inbox::default(), Kind::Call, encode)
    }

    pub(super) fn send_to(
        &self,
        inbox: Inbox,
        kind: Kind,
        encode: impl FnOnce(&mut BytesMut) -> Result<(), Error>,
    ) -> Result<Answer, Error> {
        let mut bytes = BytesMut::new();
        encode(&mut bytes).map_err(|error| match error {
            Error::Lost { reason, .. } => Error::Misused(reason),
            other => other,
        })?;
        let (inbox, shared) = (Rc::new(inbox), Rc::clone(&self.guard.shared));
        shared.submit(Request {
            bytes,
            inbox: Rc::clone(&inbox),
            kind,
        });
        Ok(Answer { inbox, shared })
    }
}

/// Binds the unnamed portal: all values are text.
fn bind(statement: &str, values: &[Option<&str>], bytes: &mut BytesMut) -> Result<(), Error> {
    let write = |value: &Option<&str>, bytes: &mut BytesMut| {
        Ok(match value {
            None => IsNull::Yes,
            Some(text) => {
                bytes.extend_from_slice(text.as_bytes());
                IsNull::No
            }
        })
    };
    let bound = frontend::bind("", statement, [], values, write, [], bytes);
    bound.map_err(|error| match error {
        BindError::Conversion(error) => Error::Misused(error.to_string()),
        BindError::Serialization(error) => error.into(),
    })
}

/// An identifier that no text can leave.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn no_columns() -> Rc<[String]> {
    Rc::from(Vec::new())
}

impl Statement {
    /// The names of the columns of its rows.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.prepared.columns
    }

    pub(super) fn shared_columns(&self) -> Rc<[String]> {
        Rc::clone(&self.prepared.columns)
    }

    /// How many values it takes.
    #[must_use]
    pub fn parameters(&self) -> usize {
        self.prepared.parameters
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Statement")
            .field("name", &self.prepared.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client")
            .field("in_flight", &self.in_flight())
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
