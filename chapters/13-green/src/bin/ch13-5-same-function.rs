//! One function serves a connection on a thread of the system and on a green thread.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::thread;

use event_loop::EventLoop;
use green::{Blocking, Green};
use reactor::Reactor;

// ANCHOR: serve
/// Answers each line with its length, until the client has no more. It knows no loop, and no reactor.
fn serve(stream: impl Read + Write) -> io::Result<u64> {
    let mut stream = BufReader::new(stream);
    let mut lines = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(lines);
        }
        lines += 1;
        let length = line.trim_end().chars().count();
        stream
            .get_mut()
            .write_all(format!("{length}\n").as_bytes())?;
    }
}
// ANCHOR_END: serve

// ANCHOR: main
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let client = ask(listener.local_addr()?);
    let (stream, _) = listener.accept()?;
    println!("on a thread:       {} lines", serve(stream)?);
    println!(
        "  the client read {:?}",
        client.join().expect("it does not panic")?
    );

    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    let listener = reactor::TcpListener::bind(&reactor, "127.0.0.1:0".parse().expect("it is one"))?;
    let client = ask(listener.local_addr()?);
    let served = event_loop.block_on(async {
        let (stream, _) = listener.accept().await?;
        Green::new(move || serve(Blocking::new(stream)))?.await
    })?;
    println!("on a green thread: {served} lines");
    println!(
        "  the client read {:?}",
        client.join().expect("it does not panic")?
    );
    Ok(())
}
// ANCHOR_END: main

/// A client on a thread of its own: three lines, one of them in two pieces.
fn ask(server: SocketAddr) -> thread::JoinHandle<io::Result<String>> {
    thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(server)?;
        stream.write_all("one\nthr".as_bytes())?;
        stream.write_all("ee\nзима\n".as_bytes())?;
        stream.shutdown(Shutdown::Write)?;
        let mut answers = String::new();
        stream.read_to_string(&mut answers)?;
        Ok(answers)
    })
}
