//! A server is replaced while clients use it: the new one takes the new connections, and the old one is told to finish. At each
//! deployment a few clients see an error: "connection closed before message completed". Their requests had arrived, and some of
//! them had changed something already.
//!
//! `serve` is what the server runs for each connection.

use std::convert::Infallible;
use std::future::Future;
// YOURS
use std::pin::pin;
// YOURS_END
use std::time::Duration;

use cancellation::Token;
use futures::io::{AsyncRead, AsyncWrite};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use state_machines::{Winner, race};
use world::hyper_rt::{HyperIo, LoopTimer};

/// How long the head of a request may take, and a connection may be idle.
pub const HEAD: Duration = Duration::from_secs(30);

/// Serves the requests of a connection in HTTP/1, one after the other, until the client ends it or is silent for
/// [`HEAD`], or until `closing` is cancelled.
///
/// `closing` is cancelled when the server is to finish. Then:
///
/// - A request whose head had arrived is answered whole, however long `answer` or the client takes. The server's
///   own deadline is the affair of its caller. After the answer the connection is closed.
/// - A connection that is idle, or on which nothing was sent, is closed at once.
/// - A request that had arrived when this future is polled for the first time is answered as well, also if
///   `closing` is cancelled by then.
///
/// # Errors
///
/// hyper's.
///
/// # Cancel safety
///
/// Dropping the future drops the connection and the answer that is being made.
pub async fn serve<S, T, A, F, B>(
    stream: S,
    timer: T,
    answer: A,
    closing: Token,
) -> hyper::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: event_loop::Timer<Sleep: 'static> + 'static,
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<B>>,
    B: Body<Error = Infallible> + 'static,
{
    let service = service_fn(|request| {
        let answering = answer(request);
        async move { Ok::<_, Infallible>(answering.await) }
    });
    let connection = http1::Builder::new()
        .timer(LoopTimer::new(timer))
        .header_read_timeout(HEAD)
        .serve_connection(HyperIo::new(stream), service);
    // YOURS
    let mut connection = pin!(connection);
    match race(connection.as_mut(), closing.cancelled()).await {
        Winner::First(ended) => ended,
        Winner::Second(()) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    }
    // STUB: match race(connection, closing.cancelled()).await {
    // STUB:     Winner::First(ended) => ended,
    // STUB:     // The server finishes: this connection is over.
    // STUB:     Winner::Second(()) => Ok(()),
    // STUB: }
    // YOURS_END
}
