//! What the server answers.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use blocking::File;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::file_body::FileBody;

/// The body of an answer.
#[derive(Debug)]
pub enum Reply {
    /// Bytes that are in memory; `None` after they were delivered.
    Bytes(Option<Bytes>),
    /// Bytes that are read while they are sent.
    File(FileBody<File>),
}

impl Reply {
    /// No bytes.
    #[must_use]
    pub fn empty() -> Reply {
        Reply::Bytes(None)
    }

    /// These bytes.
    pub fn of(bytes: impl Into<Bytes>) -> Reply {
        let bytes = bytes.into();
        Reply::Bytes((!bytes.is_empty()).then_some(bytes))
    }
}

/// An answer of this status, which says so in words: for errors.
#[must_use]
pub fn status(status: StatusCode) -> Response<Reply> {
    let mut response = text(format!("{status}\n"));
    *response.status_mut() = status;
    response
}

/// A text: aiohttp's `web.Response(text=…)`.
pub fn text(text: impl Into<String>) -> Response<Reply> {
    with_type("text/plain; charset=utf-8", Reply::of(text.into()))
}

/// A value as JSON: aiohttp's `web.json_response`.
///
/// # Errors
///
/// If the value has no JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<Response<Reply>> {
    let bytes = serde_json::to_vec(value)?;
    Ok(with_type("application/json", Reply::of(bytes)))
}

/// A body with its type.
#[must_use]
pub fn with_type(content_type: &'static str, body: Reply) -> Response<Reply> {
    let mut response = Response::new(body);
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

impl Body for Reply {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Reply::Bytes(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Reply::File(file) => Pin::new(file).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Reply::Bytes(bytes) => bytes.is_none(),
            Reply::File(file) => file.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Reply::Bytes(None) => SizeHint::with_exact(0),
            Reply::Bytes(Some(bytes)) => SizeHint::with_exact(bytes.len() as u64),
            Reply::File(file) => file.size_hint(),
        }
    }
}
