//! The sale, as a state machine on mio itself: no futures, no callbacks, and everything in sight.

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use crate::Tokens;
use crate::sale::{self, Outcome};

/// Serves `count` clients at the same time, on this thread.
///
/// # Errors
///
/// If no client can be taken any more, or there are no events. What goes wrong with one of them is
/// in its own result.
pub fn listen(
    listener: std::net::TcpListener,
    count: usize,
) -> io::Result<Vec<io::Result<Outcome>>> {
    listener.set_nonblocking(true)?;
    let mut server = Server::new(TcpListener::from_std(listener))?;
    let mut events = Events::with_capacity(64);
    while server.ended.len() < count {
        match server.poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            other => other?,
        }
        for event in &events {
            match event.token() {
                LISTENER => server.accept()?,
                Token(client) => server.go_on(client),
            }
        }
    }
    Ok(server.ended)
}

struct Server {
    poll: Poll,
    listener: TcpListener,
    clients: Tokens<Client<TcpStream>>,
    ended: Vec<io::Result<Outcome>>,
}

const LISTENER: Token = Token(usize::MAX);

impl Server {
    fn new(mut listener: TcpListener) -> io::Result<Server> {
        let poll = Poll::new()?;
        (poll.registry()).register(&mut listener, LISTENER, Interest::READABLE)?;
        Ok(Server {
            poll,
            listener,
            clients: Tokens::new(),
            ended: Vec::new(),
        })
    }

    /// One event may stand for many clients, so it takes all that wait.
    fn accept(&mut self) -> io::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            };
            let token = self.clients.insert(Client::new(stream));
            if let Some(client) = self.clients.get_mut(token) {
                let both = Interest::READABLE | Interest::WRITABLE;
                (self.poll.registry()).register(&mut client.stream, Token(token), both)?;
            }
            self.go_on(token);
        }
    }

    fn go_on(&mut self, token: usize) {
        let Some(client) = self.clients.get_mut(token) else {
            return; // It has ended since the event was on its way.
        };
        let ended = match client.go_on() {
            Ok(None) => return,
            Ok(Some(outcome)) => Ok(outcome),
            Err(error) => Err(error),
        };
        // Dropping a socket takes it out of the poll.
        drop(self.clients.remove(token));
        self.ended.push(ended);
    }
}

/// One client, on a stream that does not block.
#[derive(Debug)]
pub struct Client<S> {
    stream: S,
    incoming: Vec<u8>,
    outgoing: Vec<u8>,
    step: Step,
}

/// ```text
///   Name ── known ──▶ Answer ── yes, no ──▶ Over
///    │                   │                   ▲
///    └── not known ──────┼───────────────────┤
///    └────────────────── end of stream ──────┘
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Name,
    Answer,
    Over(Outcome),
}

impl<S: Read + Write + HalfClose> Client<S> {
    /// A client that has been told nothing yet.
    pub fn new(stream: S) -> Client<S> {
        Client {
            stream,
            incoming: Vec::new(),
            outgoing: sale::message(sale::GREETING),
            step: Step::Name,
        }
    }

    // ANCHOR: go_on
    /// Goes on as far as it can without waiting: call it at each event. Gives the outcome at the
    /// end.
    ///
    /// # Errors
    ///
    /// The stream's.
    pub fn go_on(&mut self) -> io::Result<Option<Outcome>> {
        while matches!(self.step, Step::Name | Step::Answer) {
            let mut piece = [0; 256];
            match self.stream.read(&mut piece) {
                Ok(0) => self.step = Step::Over(Outcome::Gone),
                Ok(count) => self.received(&piece[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        let all_sent = self.send()?;
        match self.step {
            Step::Over(outcome) if all_sent => {
                self.stream.close_write()?;
                Ok(Some(outcome))
            }
            _ => Ok(None),
        }
    }
    // ANCHOR_END: go_on

    // ANCHOR: received
    fn received(&mut self, bytes: &[u8]) {
        self.incoming.extend_from_slice(bytes);
        while let Some(message) = sale::take_message(&mut self.incoming) {
            let (text, next) = match self.step {
                Step::Name => match sale::price(&message) {
                    Some(price) => (sale::offer(price), Step::Answer),
                    None => (sale::UNKNOWN.to_owned(), Step::Over(Outcome::Refused)),
                },
                Step::Answer if message == b"yes" => {
                    (sale::SOLD.to_owned(), Step::Over(Outcome::Sold))
                }
                Step::Answer => (sale::NO_SALE.to_owned(), Step::Over(Outcome::Refused)),
                Step::Over(_) => return,
            };
            self.outgoing.extend(sale::message(&text));
            self.step = next;
        }
    }
    // ANCHOR_END: received

    // ANCHOR: send
    /// Returns whether nothing is left to send.
    fn send(&mut self) -> io::Result<bool> {
        while !self.outgoing.is_empty() {
            match self.stream.write(&self.outgoing) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => drop(self.outgoing.drain(..count)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
    // ANCHOR_END: send
}

/// A stream whose writing side can be closed alone.
pub trait HalfClose {
    /// Sends the end.
    ///
    /// # Errors
    ///
    /// The system's; none if the peer is gone already.
    fn close_write(&mut self) -> io::Result<()>;
}

impl HalfClose for TcpStream {
    fn close_write(&mut self) -> io::Result<()> {
        match self.shutdown(Shutdown::Write) {
            Err(error) if error.kind() == ErrorKind::NotConnected => Ok(()),
            other => other,
        }
    }
}
