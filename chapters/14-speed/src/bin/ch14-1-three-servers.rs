//! An echo server on the main thread, in three versions, and a client on a thread of its own that asks a
//! thousand times. For `strace -c`, which follows the main thread alone.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream as Blocking};
use std::{env, thread};

use event_loop::EventLoop;
use futures::{AsyncReadExt, AsyncWriteExt};
use reactor::{Reactor, TcpListener, TcpStream};

const REQUESTS: usize = 1_000;

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let version = env::args().nth(1).unwrap_or_default();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    let listener = TcpListener::bind(&reactor, ([127, 0, 0, 1], 0).into())?;
    let address = listener.local_addr()?;
    let client = thread::spawn(move || ask(address));
    event_loop.block_on(async {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        match version.as_str() {
            "a" => a(stream).await,
            "b" => b(stream).await,
            "c" => c(stream).await,
            _ => plain(stream).await,
        }
    })?;
    client.join().expect("the client does not panic")
}

fn ask(address: SocketAddr) -> io::Result<()> {
    let mut stream = Blocking::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answer = [0; 64];
    for _ in 0..REQUESTS {
        stream.write_all(&[7; 64])?;
        stream.read_exact(&mut answer)?;
    }
    Ok(())
}

async fn plain(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1_024];
    while let count @ 1.. = stream.read(&mut buffer).await? {
        stream.write_all(&buffer[..count]).await?;
    }
    Ok(())
}

async fn a(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1_024];
    while let count @ 1.. = stream.read(&mut buffer).await? {
        for part in buffer[..count].chunks(count.div_ceil(2)) {
            stream.write_all(part).await?;
        }
    }
    Ok(())
}

async fn b(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = [0; 1_024];
    while let count @ 1.. = stream.read(&mut buffer).await? {
        stream.set_nodelay(true)?;
        stream.write_all(&buffer[..count]).await?;
    }
    Ok(())
}

async fn c(mut stream: TcpStream) -> io::Result<()> {
    let mut message = Vec::new();
    let mut piece = [0; 40];
    loop {
        match stream.read(&mut piece).await? {
            0 => return Ok(()),
            count => message.extend_from_slice(&piece[..count]),
        }
        if message.len() == 64 {
            stream.write_all(&message).await?;
            message.clear();
        }
    }
}
