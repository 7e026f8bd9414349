//! Two tasks and one connection: the one reads, and the other writes.

use std::io;
use std::rc::Rc;

use event_loop::{EventLoop, Handle};
use futures::future::try_join;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use reactor::{Reactor, ReactorHandle, TcpListener, TcpStream};

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(talk(event_loop.handle(), reactor.clone()))?;
    println!("{} sources", reactor.sources());
    Ok(())
}

// ANCHOR: connect
pub(crate) async fn talk(handle: Handle, reactor: ReactorHandle) -> io::Result<()> {
    let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap())?;
    let client = TcpStream::connect(&reactor, listener.local_addr()?);
    let (client, (mut peer, _)) = try_join(client, listener.accept()).await?;
    println!("{} sources", reactor.sources());
    // ANCHOR_END: connect

    // ANCHOR: tasks
    let client = Rc::new(client);
    let reads = Rc::clone(&client);
    let reader = handle.spawn(async move {
        let mut text = String::new();
        (&*reads).read_to_string(&mut text).await?;
        println!("reader: {text:?}");
        io::Result::Ok(())
    });
    let writer = handle.spawn(async move {
        (&*client).write_all(b"from the writer").await?;
        client.close()?;
        println!("writer: done");
        io::Result::Ok(())
    });
    // ANCHOR_END: tasks

    // ANCHOR: peer
    let mut heard = String::new();
    peer.read_to_string(&mut heard).await?;
    println!("peer: {heard:?}");
    peer.write_all(b"from the peer").await?;
    peer.close()?;
    writer.await.expect("the writer does not panic")?;
    reader.await.expect("the reader does not panic")
    // ANCHOR_END: peer
}
