//! Why a request has no answer.

use std::fmt;
use std::io::{self, ErrorKind};

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;

/// Why a request has no answer. It can be cloned: a lost connection fails every request on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The server refused the request. The connection can be used again.
    Server(ServerError),
    /// The connection is gone. The server may have executed the request, or not: the answer is lost.
    Lost {
        /// The kind of the I/O error.
        kind: ErrorKind,
        /// What happened.
        reason: String,
    },
    /// The request does not fit the interface: a value with a NUL, a `COPY` without its method, a column
    /// that is not there.
    Misused(String),
}

/// What the server says in an `ErrorResponse`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServerError {
    /// `ERROR`, `FATAL` or `PANIC`, never translated.
    pub severity: String,
    /// The SQLSTATE: five characters, for instance `23505` for a key that exists already.
    pub code: String,
    /// One line for people.
    pub message: String,
}

impl ServerError {
    /// Whether the server closes the connection after this error.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self.severity.as_str(), "FATAL" | "PANIC")
    }

    /// # Errors
    ///
    /// If the message is malformed.
    pub(super) fn read(mut fields: ErrorFields<'_>) -> io::Result<ServerError> {
        let mut error = ServerError::default();
        while let Some(field) = fields.next()? {
            let value = String::from_utf8_lossy(field.value_bytes()).into_owned();
            match field.type_() {
                b'V' => error.severity = value,
                b'C' => error.code = value,
                b'M' => error.message = value,
                _other => {}
            }
        }
        Ok(error)
    }
}

impl Error {
    /// Whether this is the connection's end, and not only that of one request.
    #[must_use]
    pub fn ends_the_connection(&self) -> bool {
        match self {
            Error::Server(error) => error.is_fatal(),
            Error::Lost { .. } => true,
            Error::Misused(_) => false,
        }
    }

    pub(super) fn lost(kind: ErrorKind, reason: impl Into<String>) -> Error {
        Error::Lost {
            kind,
            reason: reason.into(),
        }
    }

    pub(super) fn protocol(reason: impl Into<String>) -> Error {
        Error::lost(ErrorKind::InvalidData, reason)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::lost(error.kind(), error.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Server(error) => write!(
                out,
                "{}: {} ({})",
                error.severity, error.message, error.code
            ),
            Error::Lost { reason, .. } => write!(out, "the connection is lost: {reason}"),
            Error::Misused(reason) => out.write_str(reason),
        }
    }
}

impl std::error::Error for Error {}
