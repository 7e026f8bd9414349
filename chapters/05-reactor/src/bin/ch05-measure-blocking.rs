//! One client that asks and waits for the answer, again and again: of a server that blocks, and of
//! one on a reactor.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use event_loop::EventLoop;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use reactor::Reactor;

const ROUNDS: usize = 40;

/// How many questions are asked in a round: the program's argument, or 2,000.
fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let questions = (std::env::args().nth(1)).and_then(|number| number.parse().ok());
    let questions = questions.unwrap_or(2_000);
    let mut quickest = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        for (server, quickest) in [blocks, reacts].into_iter().zip(&mut quickest) {
            *quickest = (*quickest).min(measured(server, questions)?);
        }
    }
    let [blocks, reacts] = quickest.map(|time| time.as_nanos() / u128::from(questions));
    println!("a server that blocks     {blocks:>7} ns a question");
    println!("a server on a reactor    {reacts:>7} ns a question");
    Ok(())
}

fn measured(serve: fn(TcpListener) -> io::Result<()>, questions: u32) -> io::Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let server = thread::spawn(move || serve(listener));
    let time = ask(address, questions)?;
    server.join().expect("the server does not panic")?;
    Ok(time)
}

fn ask(address: SocketAddr, questions: u32) -> io::Result<Duration> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut buffer = [0; 64];
    let begun = Instant::now();
    for _ in 0..questions {
        stream.write_all(&buffer)?;
        stream.read_exact(&mut buffer)?;
    }
    Ok(begun.elapsed())
}

fn blocks(listener: TcpListener) -> io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            count => stream.write_all(&buffer[..count])?,
        }
    }
}

fn reacts(listener: TcpListener) -> io::Result<()> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(async {
        let listener = reactor::TcpListener::from_std(&reactor, listener)?;
        let (mut stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let mut buffer = [0; 4096];
        loop {
            match stream.read(&mut buffer).await? {
                0 => return Ok(()),
                count => stream.write_all(&buffer[..count]).await?,
            }
        }
    })
}
