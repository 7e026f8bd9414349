//! Asking the kernel to wait for several sockets at once.

use std::io::{self, Read, Write};
use std::net::TcpStream as Peer;
use std::time::Duration;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    // ANCHOR: register
    let mut poll = Poll::new()?;
    let (_peer_a, mut a) = connection()?;
    let (mut peer_b, mut b) = connection()?;
    poll.registry()
        .register(&mut a, Token(1), Interest::READABLE)?;
    poll.registry()
        .register(&mut b, Token(2), Interest::READABLE)?;
    // ANCHOR_END: register

    // ANCHOR: early
    let mut buffer = [0; 16];
    println!(
        "read a: {:?}",
        a.read(&mut buffer).map_err(|error| error.kind())
    );
    println!(
        "read b: {:?}",
        b.read(&mut buffer).map_err(|error| error.kind())
    );
    // ANCHOR_END: early

    // ANCHOR: late
    peer_b.write_all(b"hello")?;
    println!("the peer of b writes");
    let mut events = Events::with_capacity(8);
    poll.poll(&mut events, None)?;
    for event in &events {
        println!(
            "poll: {:?}, readable: {}",
            event.token(),
            event.is_readable()
        );
    }
    println!(
        "read b: {:?}",
        b.read(&mut buffer).map_err(|error| error.kind())
    );
    println!(
        "read b: {:?}",
        b.read(&mut buffer).map_err(|error| error.kind())
    );

    poll.poll(&mut events, Some(Duration::ZERO))?;
    println!("poll, without waiting: {} events", events.iter().count());
    // ANCHOR_END: late
    Ok(())
}

/// Both ends of a connection: one that blocks, and one that does not.
fn connection() -> io::Result<(Peer, TcpStream)> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let peer = Peer::connect(listener.local_addr()?)?;
    listener.set_nonblocking(true)?;
    let (stream, _) = TcpListener::from_std(listener).accept()?;
    Ok((peer, stream))
}
