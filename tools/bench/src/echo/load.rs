//! The load: a number of clients, each of which sends a message, waits for all of it to come back, and sends
//! the next one. Every byte is compared.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

/// How many clients, and how long a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) clients: usize,
    pub(crate) bytes: usize,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    pub(crate) errors: u64,
    /// Nanoseconds from the first byte sent to the last one back.
    pub(crate) latency: Histogram<u64>,
}

struct Client {
    stream: TcpStream,
    /// Differs from client to client and from message to message.
    seed: u64,
    sent: usize,
    back: usize,
    /// When the message was begun that is on its way; `None` between two.
    begun: Option<Instant>,
}

/// The clients, connected, each having had one answer.
pub(crate) struct Clients {
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    pattern: Vec<u8>,
    buffer: Vec<u8>,
    load: Load,
}

/// If nothing comes back for so long, the peer is taken to be stuck.
const STUCK: Duration = Duration::from_secs(5);

impl Clients {
    pub(crate) fn connect(address: SocketAddr, load: Load) -> anyhow::Result<Clients> {
        let poll = Poll::new()?;
        let mut clients = Vec::with_capacity(load.clients);
        for number in 0..load.clients {
            let stream = std::net::TcpStream::connect(address).context("cannot connect")?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            let mut stream = TcpStream::from_std(stream);
            let both = Interest::READABLE | Interest::WRITABLE;
            (poll.registry()).register(&mut stream, Token(number), both)?;
            clients.push(Client {
                stream,
                seed: number as u64,
                sent: 0,
                back: 0,
                begun: None,
            });
        }
        let mut all = Clients {
            poll,
            events: Events::with_capacity(1024),
            clients,
            // Any 256 bytes in a row are all different: a byte in the wrong place shows.
            pattern: (0..load.bytes + 256).map(|index| index as u8).collect(),
            buffer: vec![0; load.bytes.max(64 * 1024)],
            load,
        };
        all.run(Duration::ZERO)?;
        Ok(all)
    }

    /// Sends and receives for so long; then every message that is on its way comes home.
    pub(crate) fn run(&mut self, duration: Duration) -> anyhow::Result<Served> {
        let start = Instant::now();
        let mut served = Served {
            requests: 0,
            seconds: 0.0,
            errors: 0,
            latency: Histogram::new_with_bounds(1, 60_000_000_000, 3)?,
        };
        for number in 0..self.clients.len() {
            self.clients[number].begun = Some(Instant::now());
            self.send(number)?;
        }
        let mut under_way = self.clients.len();
        while under_way > 0 {
            self.poll.poll(&mut self.events, Some(STUCK))?;
            if self.events.is_empty() {
                bail!("nothing has come back for {STUCK:?}");
            }
            let numbers: Vec<usize> = self.events.iter().map(|event| event.token().0).collect();
            for number in numbers {
                if !self.receive(number, &mut served)? {
                    continue;
                }
                if start.elapsed() < duration {
                    self.clients[number].begun = Some(Instant::now());
                    self.send(number)?;
                } else {
                    under_way -= 1;
                }
            }
        }
        served.seconds = start.elapsed().as_secs_f64();
        Ok(served)
    }

    fn send(&mut self, number: usize) -> io::Result<()> {
        let Clients {
            clients,
            pattern,
            load,
            ..
        } = self;
        let client = &mut clients[number];
        let message = &pattern[(client.seed % 256) as usize..][..load.bytes];
        while client.sent < message.len() {
            match client.stream.write(&message[client.sent..]) {
                Ok(count) => client.sent += count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Returns whether a message has come home.
    fn receive(&mut self, number: usize, served: &mut Served) -> anyhow::Result<bool> {
        let Some(begun) = self.clients[number].begun else {
            return Ok(false); // An event for no reason.
        };
        if self.clients[number].sent < self.load.bytes {
            self.send(number)?;
        }
        let Clients {
            clients,
            pattern,
            buffer,
            load,
            ..
        } = self;
        let client = &mut clients[number];
        loop {
            let room = load.bytes - client.back;
            if room == 0 {
                break;
            }
            let count = match client.stream.read(&mut buffer[..room]) {
                Ok(0) => bail!("the peer has closed a connection"),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error.into()),
            };
            let from = (client.seed % 256) as usize + client.back;
            served.errors += u64::from(buffer[..count] != pattern[from..from + count]);
            client.back += count;
        }
        if client.sent < load.bytes {
            return Ok(false);
        }
        served.requests += 1;
        (served.latency).saturating_record(begun.elapsed().as_nanos() as u64);
        client.begun = None;
        client.seed += 1;
        (client.sent, client.back) = (0, 0);
        Ok(true)
    }
}
