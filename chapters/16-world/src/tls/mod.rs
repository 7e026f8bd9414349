//! TLS between a stream and a protocol, with futures-rustls.
//!
//! | file | idea |
//! |---|---|
//! | [`authority`] | certificates that are made on the spot, for tests and demonstrations |
//! | [`binding`] | the hash of a server's certificate, for proofs that hold for this session only |
//! | [`failure`] | why a handshake failed, in words |
//!
//! [`connect`] and [`accept`] turn a stream into an encrypted one. Both ends are streams of `futures`, so the protocol
//! above does not notice.
//!
//! When a handshake fails, futures-rustls 0.26 tries one vectored write for the alert that tells the peer why. The alert
//! leaves if the stream's `poll_write_vectored` takes several buffers. The trait's default takes the first one alone.

pub mod authority;
pub mod binding;
pub mod failure;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use event_loop::Timer;
use futures::future::{Either, select};
use futures::io::{AsyncRead, AsyncWrite};
use futures_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto};
use futures_rustls::{TlsAcceptor, TlsConnector, client, server};

pub use authority::{Authority, Identity, Validity};
pub use binding::certificate_hash;
pub use failure::Failure;

/// What a server needs: its certificate and its key, and the protocols that it speaks above TLS, best first, if the
/// client may choose: `["h2", "http/1.1"]`.
///
/// # Panics
///
/// If the key does not belong to the certificate.
#[must_use]
pub fn acceptor(identity: &Identity, protocols: &[&str]) -> TlsAcceptor {
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(identity.chain(), identity.key());
    let mut config = config.expect("the key belongs to the certificate");
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    TlsAcceptor::from(Arc::new(config))
}

/// What a client needs: the authorities that it trusts.
#[must_use]
pub fn connector(roots: RootCertStore) -> TlsConnector {
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Shakes hands with a server that has to be `name`.
///
/// # Errors
///
/// Why there is no encrypted connection. Nothing of the application was sent.
///
/// # Cancel safety
///
/// Dropping the future drops the stream.
pub async fn connect<S>(
    connector: &TlsConnector,
    name: &str,
    stream: S,
) -> Result<client::TlsStream<S>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = name.to_owned().try_into().map_err(|_| Failure::NoName)?;
    Ok(connector.connect(name, stream).await?)
}

/// Shakes hands with a client, for at most `limit`: a client that connects and is silent must not keep the server.
///
/// Accept the next connection meanwhile, as chapter 15's accept loop does. A handshake takes at least one round trip.
///
/// # Errors
///
/// Why there is no encrypted connection.
///
/// # Cancel safety
///
/// Dropping the future drops the stream.
// ANCHOR: accept
pub async fn accept<S, T>(
    acceptor: &TlsAcceptor,
    stream: S,
    timer: &T,
    limit: Duration,
) -> Result<server::TlsStream<S>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let shakes = pin!(acceptor.accept(stream));
    match select(shakes, timer.sleep(limit)).await {
        Either::Left((accepted, _)) => Ok(accepted?),
        Either::Right(_) => Err(Failure::TooSlow),
    }
}
// ANCHOR_END: accept
