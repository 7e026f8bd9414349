//! Bugs in the server itself, made on request.

use std::io::Write;

use crate::faults::client::{connect, echoes, rest};
use crate::faults::server::Server;

const BANG: &str = "33";

/// Caught: a panic that takes the worker with it; a connection that is not counted after it.
#[test]
fn a_connection_that_panics_ends_alone() {
    let server = Server::start(&["--workers", "1", "--crash-connection-on", BANG]);
    let (mut unlucky, other) = (connect(server.address), connect(server.address));
    echoes(&other, b"before");
    unlucky.write_all(b"!").unwrap();
    let (back, _) = rest(&unlucky);
    assert_eq!(back, b"");
    echoes(&other, b"after");
    drop(other);
    server.complains("panicked");
    server.stop();
    let ended = server.ended();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let served = ended.served();
    assert_eq!((served.connections, served.reset), (2, 1));
}

/// Caught: a worker's end that the server does not notice; a server that calls that a success; workers that are not told to finish.
#[test]
fn a_worker_that_panics_is_told_of_and_the_others_finish() {
    let server = Server::start(&["--workers", "3", "--crash-worker-on", BANG]);
    let clients: Vec<_> = (0..60).map(|_| connect(server.address)).collect();
    for client in &clients {
        echoes(client, b"hello");
    }
    (&clients[0]).write_all(b"!").unwrap();
    let mut well = 0;
    for client in &clients[1..] {
        let (back, end) = rest(client);
        assert_eq!(back, b"");
        well += usize::from(end.is_ok());
    }
    assert!(well > 0, "the other workers' connections end well");
    let ended = server.ended();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let said = ended
        .errors
        .iter()
        .filter(|line| line.contains("echo server: worker"));
    assert_eq!(said.count(), 1, "{ended:?}");
    assert_eq!(ended.served().connections, 60);
}
