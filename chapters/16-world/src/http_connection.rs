//! One connection of an HTTP server: its requests, and its end.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::panic::AssertUnwindSafe;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::Duration;

use cancellation::Token;
use composition::timeout;
use event_loop::{Spawn, Timer};
use futures::FutureExt;
use futures::io::{AsyncRead, AsyncWrite};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use state_machines::{Winner, race};

use crate::hyper_rt::{HyperIo, LoopExecutor, LoopTimer};
use crate::preface::{Rewound, Version, version};
use crate::reply::{Reply, status};
use crate::tls::Failure;
use crate::write_limit::WriteLimit;

/// What answers requests.
pub trait Answer {
    /// Answers one request.
    fn answer(self: Rc<Self>, request: Request<Incoming>) -> Answering;
}

/// The future of an answer. It stays on the loop's thread.
pub type Answering = Pin<Box<dyn Future<Output = Response<Reply>>>>;

/// How long a client may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the moment at which a connection is accepted, or at which an answer was sent, to the end of the
    /// next request's head. So this is also how long a connection is kept that is idle.
    pub head: Duration,
    /// For the body of a request. The code that reads bodies applies it.
    pub body: Duration,
    /// For the next byte of an answer.
    pub write: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            head: Duration::from_secs(30),
            body: Duration::from_secs(30),
            write: Duration::from_secs(30),
        }
    }
}

/// The longest head of a request. hyper answers `431 Request Header Fields Too Large` to a longer one.
pub const LONGEST_HEAD: usize = 64 * 1024;

/// Serves the requests of one connection, in HTTP/1 or HTTP/2, until the client ends it, or an error or a limit
/// does.
///
/// When `closing` is cancelled, the requests whose heads have arrived by then are answered, and the connection
/// is closed. One that is idle is closed at once.
///
/// An answer that panics is `500 Internal Server Error`, and the panic goes to the thread's panic hook.
///
/// # Errors
///
/// Why the connection ended, if not by the client's end or by `closing`.
///
/// # Cancel safety
///
/// Dropping the future drops the stream, and the answers that are being made.
pub async fn serve_connection<S, L>(
    stream: S,
    on_loop: L,
    answer: Rc<dyn Answer>,
    patience: Patience,
    closing: Token,
) -> Result<(), Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    L: Spawn + Timer<Sleep: 'static> + Clone + 'static,
{
    let stream = WriteLimit::new(stream, on_loop.clone(), patience.write);
    let begins = timeout(&on_loop, patience.head, version(stream));
    let begun = match race(begins, closing.cancelled()).await {
        Winner::First(begun) => begun.map_err(|_| Failed::Silent)?,
        Winner::Second(()) => return Ok(()),
    };
    let (version, stream) = begun.map_err(Failed::Io)?;
    match version {
        Version::One => serve_one(stream, on_loop, answer, patience, closing).await,
        Version::Two => serve_two(stream, on_loop, answer, closing).await,
    }
}

// ANCHOR: one
async fn serve_one<S, L>(
    stream: Rewound<S>,
    on_loop: L,
    answer: Rc<dyn Answer>,
    patience: Patience,
    closing: Token,
) -> Result<(), Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    L: Timer<Sleep: 'static> + 'static,
{
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(LoopTimer::new(on_loop))
        .header_read_timeout(patience.head)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(
            HyperIo::new(stream),
            service_fn(|request| answered(&answer, request)),
        );
    let mut connection = pin!(connection);
    let ended = match race(connection.as_mut(), closing.cancelled()).await {
        Winner::First(ended) => ended,
        Winner::Second(()) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    ended.map_err(Failed::Http)
}
// ANCHOR_END: one

/// How often the server asks a client that speaks HTTP/2 and is silent whether it is still there. A client that
/// does not answer within hyper's default of 20 s is gone.
const PING: Duration = Duration::from_secs(30);

/// How many requests of one connection are answered at the same time.
const STREAMS: u32 = 128;

async fn serve_two<S, L>(
    stream: Rewound<S>,
    on_loop: L,
    answer: Rc<dyn Answer>,
    closing: Token,
) -> Result<(), Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    L: Spawn + Timer<Sleep: 'static> + Clone + 'static,
{
    let executor = LoopExecutor::new(on_loop.clone());
    let connection = hyper::server::conn::http2::Builder::new(executor)
        .timer(LoopTimer::new(on_loop))
        .keep_alive_interval(PING)
        .max_concurrent_streams(STREAMS)
        .serve_connection(
            HyperIo::new(stream),
            service_fn(move |request| {
                let answer = Rc::clone(&answer);
                async move { answered(&answer, request).await }
            }),
        );
    let mut connection = pin!(connection);
    let ended = match race(connection.as_mut(), closing.cancelled()).await {
        Winner::First(ended) => ended,
        Winner::Second(()) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    ended.map_err(Failed::Http)
}

async fn answered(
    answer: &Rc<dyn Answer>,
    request: Request<Incoming>,
) -> Result<Response<Reply>, Infallible> {
    let answering = AssertUnwindSafe(async { Rc::clone(answer).answer(request).await });
    let answered = answering.catch_unwind().await;
    Ok(answered.unwrap_or_else(|_panic| status(StatusCode::INTERNAL_SERVER_ERROR)))
}

/// Why a connection ended.
#[derive(Debug)]
pub enum Failed {
    /// The client sent nothing, or did not go on.
    Silent,
    /// There is no encrypted connection.
    Handshake(Failure),
    /// The stream's error.
    Io(io::Error),
    /// hyper's: the request is no HTTP, or its head came too slowly, or the stream failed.
    Http(hyper::Error),
}

impl Failed {
    /// Whether a limit of [`Patience`] ended the connection.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Failed::Silent | Failed::Handshake(Failure::TooSlow) => true,
            Failed::Handshake(_) => false,
            Failed::Io(error) => error.kind() == io::ErrorKind::TimedOut,
            Failed::Http(error) => {
                let cause = error
                    .source()
                    .and_then(|cause| cause.downcast_ref::<io::Error>());
                error.is_timeout() || cause.is_some_and(|it| it.kind() == io::ErrorKind::TimedOut)
            }
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Silent => out.write_str("the client sent no request in time"),
            Failed::Handshake(failure) => failure.fmt(out),
            Failed::Io(error) => error.fmt(out),
            Failed::Http(error) => error.fmt(out),
        }
    }
}

impl Error for Failed {}
