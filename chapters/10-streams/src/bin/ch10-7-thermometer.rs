//! A thermometer on a serial port: it answers three questions and is unplugged.

use std::io;

use event_loop::EventLoop;
use futures::future::try_join;
use futures::io::AsyncWriteExt;
use reactor::Reactor;
use streams::{Pty, Serial, lines, next};

// ANCHOR: ends
/// The program: asks, and prints the answers.
async fn measure(port: &Serial) -> io::Result<()> {
    let mut answers = lines(port, 80);
    loop {
        let mut sends = port;
        sends.write_all(b"?\r\n").await?;
        match next(&mut answers).await {
            Some(Ok(answer)) => println!("{answer} degrees"),
            Some(Err(error)) => return Err(io::Error::other(error)),
            None => return Ok(()),
        }
    }
}

/// The device: a line for each line.
async fn thermometer(line: Pty) -> io::Result<()> {
    let mut questions = lines(&line, 80);
    for tenths in [215, 216, 218] {
        next(&mut questions).await;
        let mut sends = &line;
        let answer = format!("{}.{}\r\n", tenths / 10, tenths % 10);
        sends.write_all(answer.as_bytes()).await?;
    }
    next(&mut questions).await;
    // Here the line is dropped: it is unplugged.
    Ok(())
}
// ANCHOR_END: ends

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(async {
        let line = Pty::open(&reactor)?;
        let port = Serial::open(&reactor, line.path(), 9_600)?;
        println!("{} bits a second", port.baud()?);
        let ended = try_join(thermometer(line), measure(&port)).await;
        match ended {
            Ok(_) => println!("the end"),
            Err(error) => println!("error: {error}"),
        }
        Ok(())
    })
}
