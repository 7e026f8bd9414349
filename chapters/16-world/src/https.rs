//! One connection of an HTTP server over TLS.

use std::rc::Rc;

use cancellation::Token;
use event_loop::{Spawn, Timer};
use futures::io::{AsyncRead, AsyncWrite};
use futures_rustls::TlsAcceptor;
use state_machines::{Winner, race};

use crate::http_connection::{Answer, Failed, Patience, serve_connection};
use crate::tls::{accept, acceptor, authority::Identity};

/// What a server needs that speaks HTTP over TLS: the client chooses HTTP/2 or HTTP/1.1 in the handshake.
///
/// # Panics
///
/// If the key does not belong to the certificate.
#[must_use]
pub fn https_acceptor(identity: &Identity) -> TlsAcceptor {
    acceptor(identity, &["h2", "http/1.1"])
}

/// Shakes hands, and serves the requests of the connection as [`serve_connection`] does. The handshake may take
/// as long as the head of a request.
///
/// When `closing` is cancelled, a handshake is given up: no request can have arrived.
///
/// # Errors
///
/// Why the connection ended, if not by the client's end or by `closing`.
///
/// # Cancel safety
///
/// Dropping the future drops the stream, and the answers that are being made.
// ANCHOR: serve
pub async fn serve_secure_connection<S, L>(
    stream: S,
    acceptor: TlsAcceptor,
    on_loop: L,
    answer: Rc<dyn Answer>,
    patience: Patience,
    closing: Token,
) -> Result<(), Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    L: Spawn + Timer<Sleep: 'static> + Clone + 'static,
{
    let shakes = accept(&acceptor, stream, &on_loop, patience.head);
    let stream = match race(shakes, closing.cancelled()).await {
        Winner::First(accepted) => accepted.map_err(Failed::Handshake)?,
        Winner::Second(()) => return Ok(()),
    };
    serve_connection(stream, on_loop, answer, patience, closing).await
}
// ANCHOR_END: serve
