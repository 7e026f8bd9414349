//! A device is opened and used, with the settings that it has.

use std::io;

use event_loop::EventLoop;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use reactor::{Reactor, ReactorHandle};
use rustix::fs::{Mode, OFlags};
use streams::{Device, Pty};

// ANCHOR: talk
/// A computer at one end of the line asks, and a thermometer at the other end answers.
async fn talk(reactor: &ReactorHandle) -> io::Result<()> {
    let mut thermometer = Pty::open(reactor)?;
    let flags = OFlags::RDWR | OFlags::NOCTTY;
    let file = rustix::fs::open(thermometer.path(), flags, Mode::empty())?;
    let mut port = Device::new(reactor, file)?;

    port.write_all(b"?\n").await?;
    println!("the port wrote        {}", show(b"?\n"));
    println!("the thermometer reads {}", line(&mut thermometer).await?);
    thermometer.write_all(b"21.5\r\n").await?;
    println!("the thermometer wrote {}", show(b"21.5\r\n"));
    println!("the port reads        {}", line(&mut port).await?);
    println!("the port reads        {}", line(&mut port).await?);
    println!("the thermometer reads {}", line(&mut thermometer).await?);

    drop(thermometer);
    println!("unplugged; a read → {} bytes", port.read(&mut [0]).await?);
    println!("once more; a read → {} bytes", port.read(&mut [0]).await?);
    Ok(())
}
// ANCHOR_END: talk

/// The bytes up to the next line feed, as Rust writes them.
async fn line(device: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while !line.ends_with(b"\n") && device.read(&mut byte).await? == 1 {
        line.push(byte[0]);
    }
    Ok(show(&line))
}

fn show(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(talk(&reactor))
}
