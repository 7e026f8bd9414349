//! A lot of bytes through one connection.

use std::hash::{DefaultHasher, Hasher};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

use crate::faults::client::{bytes, connect};
use crate::faults::server::Server;

/// A gigabyte; in a learner's runtime 32 MiB, which are several times what the system's buffers hold.
fn total() -> usize {
    match std::env::var_os("LEARN_MINE") {
        Some(_) => 32 << 20,
        None => 1 << 30,
    }
}

const PIECE: usize = 1 << 20;

/// Caught: a byte that is doubled after a write that was cut short.
#[test]
fn a_gigabyte_comes_back_as_it_was_sent() {
    let server = Server::start(&["--workers", "1"]);
    let client = connect(server.address);
    let (sent, (received, length)) = thread::scope(|scope| {
        let sender = scope.spawn(|| send(&client));
        let receiver = scope.spawn(|| receive(&client));
        (sender.join().unwrap(), receiver.join().unwrap())
    });
    assert_eq!(length, total());
    assert_eq!(sent, received);
}

fn send(mut stream: &TcpStream) -> u64 {
    let mut hash = DefaultHasher::new();
    let mut piece = bytes(7, PIECE);
    for number in 0..total() / PIECE {
        piece[..8].copy_from_slice(&number.to_le_bytes());
        hash.write(&piece);
        stream.write_all(&piece).expect("it takes a gigabyte");
    }
    stream.shutdown(Shutdown::Write).unwrap();
    hash.finish()
}

fn receive(mut stream: &TcpStream) -> (u64, usize) {
    let mut hash = DefaultHasher::new();
    let mut piece = vec![0; PIECE];
    let mut length = 0;
    loop {
        let count = stream.read(&mut piece).expect("it gives it back");
        if count == 0 {
            return (hash.finish(), length);
        }
        hash.write(&piece[..count]);
        length += count;
    }
}
