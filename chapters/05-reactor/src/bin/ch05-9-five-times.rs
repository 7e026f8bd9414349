//! The same exchange, in five ways, with the same clients.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use event_loop::EventLoop;
use futures::future::join_all;
use reactor::sale::{Outcome, message};
use reactor::with_callbacks::Sale;
use reactor::{Reactor, by_hand, callbacks, s1_blocking, s2_threads, with_async};

type Listen = fn(TcpListener, usize) -> io::Result<Vec<io::Result<Outcome>>>;

/// What each client sends before its end.
const CLIENTS: [&[&str]; 4] = [&["ada", "yes"], &["ada", "no"], &["bob"], &["ada"]];

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let ways: [(&str, Listen); 5] = [
        ("blocking", |listener, count| {
            s1_blocking::listen(&listener, count)
        }),
        ("threads", |listener, count| {
            s2_threads::listen(&listener, count)
        }),
        ("callbacks", with_callbacks),
        ("by hand", by_hand::listen),
        ("async", with_async),
    ];
    for (name, listen) in ways {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let server = thread::spawn(move || listen(listener, CLIENTS.len()));
        println!("{name}");
        for client in CLIENTS {
            println!(
                "  {client:?} hears at last: {}",
                last_words(address, client)?
            );
        }
        server.join().expect("the server does not panic")?;
    }
    Ok(())
}

/// What the client hears last.
fn last_words(address: SocketAddr, texts: &[&str]) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    for text in texts {
        stream.write_all(&message(text))?;
    }
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut heard = Vec::new();
    stream.read_to_end(&mut heard)?;
    let mut last = String::new();
    while let Some(message) = reactor::sale::take_message(&mut heard) {
        last = String::from_utf8_lossy(&message).into_owned();
    }
    Ok(last)
}

/// Serves with callbacks, on one thread.
fn with_callbacks(listener: TcpListener, count: usize) -> io::Result<Vec<io::Result<Outcome>>> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let listener = reactor::TcpListener::from_std(&reactor, listener)?;
        let (sender, mut outcomes) = futures::channel::mpsc::unbounded();
        let server = callbacks::serve(&handle, listener, move || {
            let sender = sender.clone();
            Sale::new(move |outcome| drop(sender.unbounded_send(outcome)))
        });
        let mut ended = Vec::new();
        while ended.len() < count {
            ended.extend(futures::StreamExt::next(&mut outcomes).await);
        }
        server.abort();
        Ok(ended)
    })
}

/// Serves with tasks, on one thread.
fn with_async(listener: TcpListener, count: usize) -> io::Result<Vec<io::Result<Outcome>>> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let listener = reactor::TcpListener::from_std(&reactor, listener)?;
        let mut clients = Vec::new();
        for _ in 0..count {
            let (stream, _) = listener.accept().await?;
            clients.push(handle.spawn(with_async::serve(stream)));
        }
        let ended = join_all(clients).await.into_iter();
        Ok(ended
            .map(|client| client.expect("no client panics"))
            .collect())
    })
}
