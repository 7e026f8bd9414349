//! TLS: handshakes that fail with a reason, streams that are cut, and what runs above them.

mod cuts;
mod handshakes;
#[cfg(feature = "http")]
mod https;
mod laws;
#[cfg(feature = "websocket")]
mod wss;

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::future::join;
use futures_rustls::{client, server};
use world::duplex::{Duplex, duplex};
use world::tls::{Authority, Failure, Identity, Validity, accept, acceptor, connect, connector};

const LIMIT: Duration = Duration::from_secs(10);

type Client = client::TlsStream<Duplex>;
type Server = server::TlsStream<Duplex>;

fn run<T>(test: impl AsyncFnOnce(Handle) -> T) -> T {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    event_loop.block_on(test(handle))
}

/// Both ends shake hands. The client trusts `authority`, and wants `localhost`.
async fn shake(
    handle: &Handle,
    authority: &Authority,
    identity: &Identity,
) -> (Result<Client, Failure>, Result<Server, Failure>) {
    let (here, there) = duplex(4_096);
    let (connector, acceptor) = (connector(authority.roots()), acceptor(identity, &[]));
    let client = connect(&connector, "localhost", here);
    let server = accept(&acceptor, there, handle, LIMIT);
    join(client, server).await
}

async fn connected(handle: &Handle) -> (Client, Server) {
    let authority = Authority::new("the test");
    let identity = authority.issue("localhost", Validity::Valid);
    let (client, server) = shake(handle, &authority, &identity).await;
    (client.unwrap(), server.unwrap())
}
