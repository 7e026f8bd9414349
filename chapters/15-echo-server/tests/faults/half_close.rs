//! Clients that have sent all, and wait for what is still to come.

use std::io::Write;
use std::net::Shutdown;

use crate::faults::client::{bytes, connect, echoes, ends, expects};
use crate::faults::server::Server;

/// Caught: a server that takes the first piece of what it sends for the whole.
#[test]
fn a_client_that_has_sent_its_end_still_gets_every_byte_back() {
    let server = Server::start(&["--workers", "1"]);
    let client = connect(server.address);
    let sent = bytes(1, 3 << 20);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            (&client).write_all(&sent).unwrap();
            client.shutdown(Shutdown::Write).unwrap();
        });
        expects(&client, &sent);
    });
    ends(&client);
}

/// Caught: a short read taken for "no more to come", in a reactor that forgets that the peer has closed.
#[test]
fn data_and_the_end_in_one_segment_come_back_two_hundred_times() {
    let server = Server::start(&["--workers", "1"]);
    for number in 0..200 {
        let client = connect(server.address);
        (&client).write_all(&bytes(number, 100)).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        expects(&client, &bytes(number, 100));
        ends(&client);
    }
}

/// Caught: a server that waits for more when the end has come.
#[test]
fn the_end_alone_is_answered_with_the_end() {
    let server = Server::start(&[]);
    let client = connect(server.address);
    client.shutdown(Shutdown::Write).unwrap();
    ends(&client);
    let client = connect(server.address);
    echoes(&client, b"something first");
    client.shutdown(Shutdown::Write).unwrap();
    ends(&client);
}
