//! Unlike the reference: one `poll_fn` in place of a race and an await.

use std::convert::Infallible;
use std::future::Future;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use cancellation::Token;
use futures::io::{AsyncRead, AsyncWrite};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
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
    let mut connection = pin!(connection);
    let mut told = Some(pin!(closing.cancelled()));
    poll_fn(|context| {
        loop {
            if let Poll::Ready(ended) = connection.as_mut().poll(context) {
                return Poll::Ready(ended);
            }
            let Some(order) = &mut told else {
                return Poll::Pending;
            };
            if order.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            told = None;
            connection.as_mut().graceful_shutdown();
        }
    })
    .await
}
