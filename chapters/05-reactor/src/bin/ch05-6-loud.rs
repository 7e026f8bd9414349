//! A loud peer, and a quiet one, on one loop.

use std::cell::Cell;
use std::io::{self, Write};
use std::net::TcpStream as Peer;
use std::rc::Rc;

use event_loop::EventLoop;
use futures::io::AsyncReadExt;
use reactor::{Reactor, TcpListener};

// ANCHOR: peers
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap())?;
        let mut loud_peer = Peer::connect(listener.local_addr()?)?;
        let (mut loud, _) = listener.accept().await?;
        let mut quiet_peer = Peer::connect(listener.local_addr()?)?;
        let (mut quiet, _) = listener.accept().await?;
        loud_peer.write_all(&[b'.'; 10_000])?;
        quiet_peer.write_all(b"!")?;
        // ANCHOR_END: peers

        // ANCHOR: reads
        // The loud one is read ten bytes at a time.
        let reads = Rc::new(Cell::new(0));
        let count = Rc::clone(&reads);
        let reader = handle.spawn(async move {
            while count.get() < 1_000 {
                loud.read_exact(&mut [0; 10]).await?;
                count.set(count.get() + 1);
            }
            io::Result::Ok(())
        });
        quiet.read_exact(&mut [0]).await?;
        println!(
            "the quiet one is served after {} reads of the loud one",
            reads.get()
        );
        reader.await.expect("the reader does not panic")?;
        println!("the loud one has been read {} times", reads.get());
        // ANCHOR_END: reads
        Ok(())
    })
}
