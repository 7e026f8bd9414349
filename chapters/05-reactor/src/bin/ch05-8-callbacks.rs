//! A protocol that writes more than its peer takes, and is told when to stop.

use std::io::{self, Read};
use std::net::TcpStream as Peer;

use event_loop::EventLoop;
use reactor::callbacks::{Protocol, Transport, run};
use reactor::{Reactor, TcpListener};

/// More than the system's buffers take.
const TOTAL: usize = 32 << 20;

// ANCHOR: protocol
/// Writes all at once, without listening, and says what it is told.
struct Flood;

impl Protocol for Flood {
    fn connection_made(&mut self, transport: &Transport) {
        println!("connection_made");
        transport.write(&vec![b'.'; TOTAL]);
        println!(
            "{} MiB wait to be sent",
            transport.write_buffer_size() >> 20
        );
        transport.close();
    }

    fn data_received(&mut self, _: &Transport, _: &[u8]) {}

    fn pause_writing(&mut self) {
        println!("pause_writing");
    }

    fn resume_writing(&mut self) {
        println!("resume_writing");
    }

    fn connection_lost(&mut self, reason: Option<io::Error>) {
        println!("connection_lost: {reason:?}");
    }
}
// ANCHOR_END: protocol

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(async {
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap())?;
        let address = listener.local_addr()?;
        let client = std::thread::spawn(move || {
            let mut all = Vec::new();
            Peer::connect(address)?.read_to_end(&mut all)
        });
        let (stream, _) = listener.accept().await?;
        run(stream, Flood).await;
        let received = client.join().expect("the client does not panic")?;
        println!("the client has received {} MiB", received >> 20);
        Ok(())
    })
}
