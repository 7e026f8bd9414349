//! The kernel reports a change once: it does not report again the bytes that a short read left.

use std::io::{self, Read, Write};
use std::net::TcpStream as Peer;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

// ANCHOR: main
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let mut poll = Poll::new()?;
    let (mut peer, mut stream) = connection()?;
    poll.registry()
        .register(&mut stream, Token(1), Interest::READABLE)?;
    let mut events = Events::with_capacity(8);

    peer.write_all(&[b'.'; 100])?;
    println!("100 bytes are sent");
    poll.poll(&mut events, None)?;
    println!("poll: {} event", events.iter().count());
    println!("read: {:?}", stream.read(&mut [0; 40]));

    poll.poll(&mut events, Some(Duration::ZERO))?;
    println!(
        "poll, without waiting: {} events, with 60 bytes to read",
        events.iter().count()
    );

    peer.write_all(&[b'.'; 10])?;
    println!("10 bytes more are sent");
    poll.poll(&mut events, None)?;
    println!("poll: {} event", events.iter().count());
    println!("read: {:?}", stream.read(&mut [0; 100]));
    Ok(())
}
// ANCHOR_END: main

/// Both ends of a connection: one that blocks, and one that does not.
fn connection() -> io::Result<(Peer, TcpStream)> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let peer = Peer::connect(listener.local_addr()?)?;
    listener.set_nonblocking(true)?;
    let (stream, _) = TcpListener::from_std(listener).accept()?;
    Ok((peer, stream))
}
