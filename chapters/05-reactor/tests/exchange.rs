//! The five servers give the same answers, in whichever pieces a client sends.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

use event_loop::EventLoop;
use reactor::sale::{self, Outcome, message};
use reactor::with_callbacks::Sale;
use reactor::{Reactor, by_hand, callbacks, s1_blocking, s2_threads, with_async};

type Listen = fn(TcpListener) -> io::Result<Outcome>;

const WAYS: [(&str, Listen); 5] = [
    ("blocking", |listener| {
        only(s1_blocking::listen(&listener, 1))
    }),
    ("threads", |listener| only(s2_threads::listen(&listener, 1))),
    ("callbacks", with_callbacks),
    ("by hand", |listener| only(by_hand::listen(listener, 1))),
    ("async", with_tasks),
];

/// What a client sends, what it hears, and how it ends.
const SCRIPTS: [(&[&str], &[&str], Outcome); 6] = [
    (
        &["ada", "yes"],
        &[sale::GREETING, "12 coins, yes or no?", sale::SOLD],
        Outcome::Sold,
    ),
    (
        &["grace", "no"],
        &[sale::GREETING, "30 coins, yes or no?", sale::NO_SALE],
        Outcome::Refused,
    ),
    (&["bob"], &[sale::GREETING, sale::UNKNOWN], Outcome::Refused),
    (&[""], &[sale::GREETING, sale::UNKNOWN], Outcome::Refused),
    (
        &["ada"],
        &[sale::GREETING, "12 coins, yes or no?"],
        Outcome::Gone,
    ),
    (&[], &[sale::GREETING], Outcome::Gone),
];

#[test]
fn in_one_piece() {
    all(|stream, bytes| stream.write_all(bytes));
}

#[test]
fn byte_by_byte() {
    all(|stream, bytes| {
        stream.set_nodelay(true)?;
        (bytes.iter()).try_for_each(|byte| stream.write_all(&[*byte]))
    });
}

#[test]
fn a_client_that_is_cut_off_in_a_message_is_gone() {
    for (name, listen) in WAYS {
        let (heard, outcome) = talk(listen, |stream| {
            stream.write_all(&message("ada"))?;
            stream.write_all(&message("yes")[..2])
        });
        assert_eq!(heard.len(), 2, "{name}");
        assert_eq!(outcome.unwrap(), Outcome::Gone, "{name}");
    }
}

/// All scripts, with all servers.
fn all(send: fn(&mut TcpStream, &[u8]) -> io::Result<()>) {
    for (says, hears, ends) in SCRIPTS {
        for (name, listen) in WAYS {
            let bytes = says
                .iter()
                .flat_map(|text| message(text))
                .collect::<Vec<_>>();
            let (heard, outcome) = talk(listen, |stream| send(stream, &bytes));
            assert_eq!(heard, hears, "{name}, to {says:?}");
            assert_eq!(outcome.unwrap(), ends, "{name}, to {says:?}");
        }
    }
}

/// What one client hears, and what the server says of it.
fn talk(
    listen: Listen,
    send: impl FnOnce(&mut TcpStream) -> io::Result<()>,
) -> (Vec<String>, io::Result<Outcome>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || listen(listener));
    let heard = hear(address, send).unwrap();
    (heard, server.join().unwrap())
}

fn hear(
    address: SocketAddr,
    send: impl FnOnce(&mut TcpStream) -> io::Result<()>,
) -> io::Result<Vec<String>> {
    let mut stream = TcpStream::connect(address)?;
    send(&mut stream)?;
    stream.shutdown(Shutdown::Write)?;
    let (mut bytes, mut heard) = (Vec::new(), Vec::new());
    stream.read_to_end(&mut bytes)?;
    while let Some(message) = sale::take_message(&mut bytes) {
        heard.push(String::from_utf8(message).unwrap());
    }
    Ok(heard)
}

fn only(outcomes: io::Result<Vec<io::Result<Outcome>>>) -> io::Result<Outcome> {
    outcomes?.pop().expect("there was one client")
}

fn with_callbacks(listener: TcpListener) -> io::Result<Outcome> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let (handle, reactor) = (event_loop.handle(), event_loop.driver().handle());
    event_loop.block_on(async {
        let listener = reactor::TcpListener::from_std(&reactor, listener)?;
        let (sender, outcome) = futures::channel::oneshot::channel();
        let mut sender = Some(sender);
        let server = callbacks::serve(&handle, listener, move || {
            let sender = sender.take().expect("there is one client");
            Sale::new(move |outcome| drop(sender.send(outcome)))
        });
        let outcome = outcome.await.expect("connection_lost is called");
        server.abort();
        outcome
    })
}

fn with_tasks(listener: TcpListener) -> io::Result<Outcome> {
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    event_loop.block_on(async {
        let listener = reactor::TcpListener::from_std(&reactor, listener)?;
        let (stream, _) = listener.accept().await?;
        with_async::serve(stream).await
    })
}
