//! Six handshakes: one that succeeds, and five that say why they fail.

use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::future::join;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use world::duplex::{Duplex, duplex};
use world::tls::{Authority, Failure, Identity, Validity, accept, acceptor, connect, connector};

const LIMIT: Duration = Duration::from_secs(10);

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let (trusted, untrusted) = (Authority::new("ours"), Authority::new("not ours"));
    event_loop.block_on(async {
        let valid = || trusted.issue("localhost", Validity::Valid);
        show("a valid certificate", &trusted, &handle, serves(valid())).await;
        let other = trusted.issue("example.org", Validity::Valid);
        show("for another name", &trusted, &handle, serves(other)).await;
        let old = trusted.issue("localhost", Validity::Expired);
        show("an expired one", &trusted, &handle, serves(old)).await;
        let unknown = untrusted.issue("localhost", Validity::Valid);
        show(
            "of an authority that is not known",
            &trusted,
            &handle,
            serves(unknown),
        )
        .await;
        show("a server without TLS", &trusted, &handle, Server::Plain).await;
        show("a connection that is cut", &trusted, &handle, Server::Cut).await;
    });
}
// ANCHOR_END: main

enum Server {
    Tls(Identity),
    Plain,
    Cut,
}

fn serves(identity: Identity) -> Server {
    Server::Tls(identity)
}

async fn show(what: &str, trusted: &Authority, handle: &Handle, server: Server) {
    let (here, there) = duplex(4_096);
    let connector = connector(trusted.roots());
    let client = async {
        let mut stream = connect(&connector, "localhost", here).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, Failure>(answer)
    };
    let (client, server) = join(client, serve(server, there, handle)).await;
    println!("{what}");
    match client {
        Ok(answer) => println!("  client: read {answer:?}"),
        Err(failure) => println!("  client: {failure}"),
    }
    match server {
        Ok(()) => println!("  server: served"),
        Err(failure) => println!("  server: {failure}"),
    }
}

// ANCHOR: serve
async fn serve(server: Server, mut stream: Duplex, handle: &Handle) -> Result<(), Failure> {
    match server {
        Server::Tls(identity) => {
            let mut stream = accept(&acceptor(&identity, &[]), stream, handle, LIMIT).await?;
            stream.write_all(b"hello").await?;
            // Says that nothing follows; without it the client's read would fail.
            stream.close().await?;
        }
        Server::Plain => {
            stream
                .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .await?
        }
        Server::Cut => {
            let mut hello = [0; 5];
            stream.read_exact(&mut hello).await?;
        }
    }
    Ok(())
}
// ANCHOR_END: serve
