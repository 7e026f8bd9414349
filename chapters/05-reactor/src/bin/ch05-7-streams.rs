//! A connection that is refused, and one of which a half is closed.

use std::io;

use event_loop::EventLoop;
use futures::future::try_join;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use reactor::{Reactor, TcpListener, TcpStream};

// ANCHOR: main
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(async {
        let listener = TcpListener::bind(&reactor, "127.0.0.1:0".parse().unwrap())?;
        let address = listener.local_addr()?;
        let (mut client, (mut server, _)) =
            try_join(TcpStream::connect(&reactor, address), listener.accept()).await?;

        client.write_all(b"that is all from me").await?;
        client.close()?;
        println!("client: has sent its end");
        let mut heard = String::new();
        server.read_to_string(&mut heard).await?;
        println!("server: {heard:?}, and the end");
        server.write_all(b"and now you listen").await?;
        drop(server);
        heard.clear();
        client.read_to_string(&mut heard).await?;
        println!("client: {heard:?}, and the end");

        drop(listener);
        let refused = TcpStream::connect(&reactor, address).await;
        println!("no listener: {:?}", refused.map_err(|error| error.kind()));
        Ok(())
    })
}
// ANCHOR_END: main
