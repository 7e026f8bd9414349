//! Clients that come at a fixed rate, whether the server keeps up or not. Each connects, sends a request, waits
//! for the answer, and gives up after a time.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use slab::Slab;

use super::servers::BYTES;

/// After this time a client gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// What came of the clients.
#[derive(Debug)]
pub(crate) struct Came {
    pub(crate) clients: u64,
    pub(crate) answered: u64,
    /// Closed by the server before an answer.
    pub(crate) refused: u64,
    /// Clients that came in the last second, and how many of these were answered.
    pub(crate) last: (u64, u64),
    /// Nanoseconds from the client's arrival to its answer, of those that were answered.
    pub(crate) latency: Histogram<u64>,
}

struct Client {
    stream: TcpStream,
    came: Instant,
    number: u64,
    sent: bool,
    received: usize,
}

enum Fate {
    Waits,
    Answered,
    Refused,
}

/// How many clients one after the other, some at a time, are answered in a second.
///
/// # Errors
///
/// If no client can connect.
pub(crate) fn capacity(address: SocketAddr, duration: Duration) -> anyhow::Result<f64> {
    use std::net::TcpStream;
    const AT_A_TIME: usize = 4;
    let start = Instant::now();
    let mut answered = 0;
    let mut waiting = VecDeque::new();
    let mut answer = [0; BYTES];
    while start.elapsed() < duration || !waiting.is_empty() {
        while waiting.len() < AT_A_TIME && start.elapsed() < duration {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(&[b'q'; BYTES])?;
            waiting.push_back(stream);
        }
        if let Some(mut stream) = waiting.pop_front() {
            stream.read_exact(&mut answer)?;
            answered += 1;
        }
    }
    Ok(f64::from(answered) / start.elapsed().as_secs_f64())
}

/// Sends `rate` clients a second for `duration`, and waits for the last to be answered or to give up.
/// `each_second` is called about ten times a second.
///
/// # Errors
///
/// If the system refuses sockets to the load.
pub(crate) fn offer(
    address: SocketAddr,
    rate: f64,
    duration: Duration,
    mut now_and_then: impl FnMut(),
) -> anyhow::Result<Came> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let mut clients: Slab<Client> = Slab::new();
    // Oldest first; an entry whose number is not its client's belongs to one that is gone.
    let mut deadlines: VecDeque<(Instant, usize, u64)> = VecDeque::new();
    let total = (rate * duration.as_secs_f64()) as u64;
    let last_from = total - (rate as u64).min(total);
    let mut came = Came {
        clients: total,
        answered: 0,
        refused: 0,
        last: (total - last_from, 0),
        latency: Histogram::new_with_bounds(1, 60_000_000_000, 3)?,
    };
    let start = Instant::now();
    let mut next = 0;
    let mut looked = start;
    while next < total || !clients.is_empty() {
        let now = Instant::now();
        if now - looked > Duration::from_millis(100) {
            looked = now;
            now_and_then();
        }
        while next < total && start + Duration::from_secs_f64(next as f64 / rate) <= now {
            let mut stream = TcpStream::connect(address)?;
            let entry = clients.vacant_entry();
            let both = Interest::READABLE | Interest::WRITABLE;
            (poll.registry()).register(&mut stream, Token(entry.key()), both)?;
            deadlines.push_back((now + PATIENCE, entry.key(), next));
            entry.insert(Client {
                stream,
                came: now,
                number: next,
                sent: false,
                received: 0,
            });
            next += 1;
        }
        while let Some(&(deadline, key, number)) = deadlines.front() {
            if deadline > now {
                break;
            }
            deadlines.pop_front();
            if clients
                .get(key)
                .is_some_and(|client| client.number == number)
            {
                drop(clients.remove(key));
            }
        }
        let due = start + Duration::from_secs_f64(next as f64 / rate);
        let wait = due
            .saturating_duration_since(now)
            .min(Duration::from_millis(5));
        poll.poll(&mut events, Some(wait))?;
        for event in &events {
            let key = event.token().0;
            let Some(client) = clients.get_mut(key) else {
                continue;
            };
            match client.goes_on() {
                Fate::Waits => continue,
                Fate::Refused => came.refused += 1,
                Fate::Answered => {
                    came.answered += 1;
                    came.last.1 += u64::from(client.number >= last_from);
                    (came.latency).saturating_record(client.came.elapsed().as_nanos() as u64);
                }
            }
            drop(clients.remove(key));
        }
    }
    Ok(came)
}

impl Client {
    fn goes_on(&mut self) -> Fate {
        if !self.sent {
            match self.stream.write(&[b'q'; BYTES]) {
                Ok(_) => self.sent = true,
                Err(error) if waits(error.kind()) => return Fate::Waits,
                Err(_) => return Fate::Refused,
            }
        }
        let mut answer = [0; BYTES];
        loop {
            match self.stream.read(&mut answer) {
                Ok(0) => return Fate::Refused,
                Ok(count) => self.received += count,
                Err(error) if waits(error.kind()) => return Fate::Waits,
                Err(_) => return Fate::Refused,
            }
            if self.received >= BYTES {
                return Fate::Answered;
            }
        }
    }
}

fn waits(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::NotConnected | ErrorKind::Interrupted
    )
}
