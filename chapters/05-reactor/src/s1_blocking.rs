//! The sale, for one client at a time: each step waits for the one before.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpListener;

use crate::sale::{self, Outcome};

/// Serves `count` clients, one after the other. The second waits until the first is done.
///
/// # Errors
///
/// If no client can be taken any more. What goes wrong with one of them is in its own result.
pub fn listen(listener: &TcpListener, count: usize) -> io::Result<Vec<io::Result<Outcome>>> {
    let one = |_| listener.accept().map(|(stream, _)| serve(stream));
    (0..count).map(one).collect()
}

/// One client, from the greeting to the end.
///
/// # Errors
///
/// The stream's.
// ANCHOR: serve
pub fn serve(mut stream: impl Read + Write) -> io::Result<Outcome> {
    send(&mut stream, sale::GREETING)?;
    let Some(name) = receive(&mut stream)? else {
        return Ok(Outcome::Gone);
    };
    let Some(price) = sale::price(&name) else {
        send(&mut stream, sale::UNKNOWN)?;
        return Ok(Outcome::Refused);
    };
    send(&mut stream, &sale::offer(price))?;
    let Some(answer) = receive(&mut stream)? else {
        return Ok(Outcome::Gone);
    };
    if answer != b"yes" {
        send(&mut stream, sale::NO_SALE)?;
        return Ok(Outcome::Refused);
    }
    send(&mut stream, sale::SOLD)?;
    Ok(Outcome::Sold)
}
// ANCHOR_END: serve

fn send(stream: &mut impl Write, text: &str) -> io::Result<()> {
    stream.write_all(&sale::message(text))?;
    stream.flush()
}

/// `None` if the end comes first.
fn receive(stream: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0];
    let mut message = Vec::new();
    let received = stream.read_exact(&mut length).and_then(|()| {
        message.resize(usize::from(length[0]), 0);
        stream.read_exact(&mut message)
    });
    match received {
        Ok(()) => Ok(Some(message)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}
