//! Connections that are broken off.

use std::io::Write;
use std::net::TcpStream;

use crate::faults::client::{bytes, connect, echoes, reset};
use crate::faults::server::Server;

/// Caught: a reset that counts as completed.
#[test]
fn resets_in_mid_write_are_counted_and_hurt_no_other_connection() {
    let server = Server::start(&["--workers", "1"]);
    let other = connect(server.address);
    for number in 0..100 {
        let mut client = connect(server.address);
        client.write_all(&bytes(number, 100_000)).unwrap();
        reset(client);
        echoes(&other, &bytes(number, 100));
    }
    // The last of them may be on its way.
    server.until(|served| served.reset == 100);
    drop(other);
    let served = server.finish();
    assert_eq!((served.connections, served.reset), (101, 100));
}

/// Caught: a permit that is not given back.
#[test]
fn a_thousand_clients_that_connect_and_close_at_once_leave_nothing_behind() {
    let server = Server::start(&["--max-connections", "7"]);
    server.tells();
    #[cfg(target_os = "linux")]
    let before = crate::faults::process::descriptors(server.id());
    for _ in 0..1_000 {
        drop(TcpStream::connect(server.address).unwrap());
    }
    let served = server.until(|served| served.connections == 1_000 && served.open == Some(0));
    assert_eq!((served.bytes_in, served.reset, served.timed_out), (0, 0, 0));
    #[cfg(target_os = "linux")]
    assert_eq!(crate::faults::process::descriptors(server.id()), before);
    assert_eq!(server.finish().connections, 1_000);
}
