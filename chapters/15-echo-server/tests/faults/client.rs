//! Clients: ordinary blocking sockets, which fail where they would wait for too long.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, SockRef, Socket, Type};

use crate::faults::server::LIMIT;

/// Connects.
#[track_caller]
pub(crate) fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("it connects");
    bounded(&stream);
    stream
}

/// Connects with a receive buffer of this size: what does not fit into it waits at the server's end.
#[track_caller]
pub(crate) fn connect_with_room(address: SocketAddr, room: usize) -> TcpStream {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(room).unwrap();
    socket.connect(&address.into()).expect("it connects");
    let stream = TcpStream::from(socket);
    bounded(&stream);
    stream
}

fn bounded(stream: &TcpStream) {
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.set_write_timeout(Some(LIMIT)).unwrap();
}

/// Sends these bytes, and receives them.
#[track_caller]
pub(crate) fn echoes(mut stream: &TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).expect("it takes them");
    expects(stream, bytes);
}

/// Receives these bytes.
#[track_caller]
pub(crate) fn expects(mut stream: &TcpStream, bytes: &[u8]) {
    let mut back = vec![0; bytes.len()];
    stream.read_exact(&mut back).expect("they come back");
    assert!(back == bytes, "other bytes come back");
}

/// Receives bytes until the end, or until the connection breaks.
pub(crate) fn rest(mut stream: &TcpStream) -> (Vec<u8>, io::Result<()>) {
    let mut rest = Vec::new();
    let end = stream.read_to_end(&mut rest).map(drop);
    (rest, end)
}

/// Receives the end, and nothing before it.
#[track_caller]
pub(crate) fn ends(stream: &TcpStream) {
    let (rest, end) = rest(stream);
    end.expect("it ends well");
    assert_eq!(rest.len(), 0, "nothing is left");
}

/// Breaks the connection off: the other side learns of a reset.
pub(crate) fn reset(stream: TcpStream) {
    let linger = Some(std::time::Duration::ZERO);
    SockRef::from(&stream).set_linger(linger).unwrap();
    drop(stream);
}

/// Bytes of which no two pieces are alike: for each `number` others.
pub(crate) fn bytes(number: u64, length: usize) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut all = Vec::with_capacity(length + 8);
    while all.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        all.extend_from_slice(&state.to_le_bytes());
    }
    all.truncate(length);
    all
}
