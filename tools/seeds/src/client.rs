//! Clients, good and bad, and what each of them saw.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::{Rc, Weak};
use std::time::Duration;

use event_loop::Timer;
use futures::future::{Either, join, select};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use simnet::{Clock, Drift, Host, Link, Stream};

use crate::plan::Mishap;

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Sends a chunk, reads the echo, and so on; then sends its end and waits for the server's.
    Steady,
    /// Sends everything and its end, and reads meanwhile, as fast as its pace allows.
    Bulk,
    /// Sends its bytes, reads their echo, and says no more.
    Silent,
    /// Sends its bytes and resets the connection.
    Resets,
    /// Sends its bytes and closes without reading.
    Leaves,
    /// Sends its bytes, and does not read before a minute has passed.
    NeverReads,
}

/// What a client does, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// What it does.
    pub kind: Kind,
    /// How many bytes it sends.
    pub bytes: usize,
    /// How many in one call.
    pub chunk: usize,
    /// How long it waits after each call.
    pub pace: Duration,
    /// When it connects.
    pub starts: Duration,
    /// Its link to the server, in both directions.
    pub link: Link,
    /// How many bytes its kernel holds until it reads them.
    pub receive_buffer: usize,
    /// Its clock.
    pub drift: Drift,
    /// What happens to its host or link.
    pub mishap: Option<Mishap>,
}

/// What a client saw.
#[derive(Debug, Default)]
pub struct Report {
    /// Bytes that its kernel took.
    pub sent: Cell<usize>,
    /// Whether it sent its end.
    pub sent_end: Cell<bool>,
    /// Bytes that came back.
    pub received: Cell<usize>,
    /// The place of the first byte that is not the one that was sent.
    pub wrong_byte: Cell<Option<usize>>,
    /// How it ended; `None` if it was ended, or never did.
    pub end: RefCell<Option<End>>,
    /// The connection, to ask its kernel.
    stream: RefCell<Weak<Stream>>,
}

/// How a client's connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It could not connect.
    NotConnected(io::ErrorKind),
    /// It read the server's end.
    ServersEnd,
    /// It got an error.
    Failed(io::ErrorKind),
    /// It closed the connection itself.
    Own,
    /// It waited for three hours: a reset that is lost in a partition is not sent again.
    GaveUp,
}

impl Report {
    /// How many of the bytes that it sent the server's kernel has, at least.
    #[must_use]
    pub fn delivered(&self) -> usize {
        let stream = self.stream.borrow().upgrade();
        let in_flight = stream.map_or(0, |stream| stream.in_flight());
        self.sent.get().saturating_sub(in_flight)
    }

    fn heard(&self, number: usize, bytes: &[u8]) {
        for (place, byte) in (self.received.get()..).zip(bytes) {
            if *byte != byte_at(number, place) && self.wrong_byte.get().is_none() {
                self.wrong_byte.set(Some(place));
            }
        }
        self.received.set(self.received.get() + bytes.len());
    }
}

/// The byte at this place of what a client sends. A byte that is lost, doubled or moved shows soon.
fn byte_at(client: usize, place: usize) -> u8 {
    let mixed = (place as u32 ^ (client as u32) << 20).wrapping_mul(0x9E37_79B1);
    (mixed >> 24) as u8
}

/// Longer than any client takes that a server serves.
const PATIENCE: Duration = Duration::from_secs(3 * 3_600);

/// One client's life.
pub async fn client(
    number: usize,
    script: Script,
    host: Host,
    clock: Clock,
    server: SocketAddr,
    report: Rc<Report>,
) {
    clock.sleep(script.starts).await;
    let end = match host.connect(server).await {
        Ok(stream) => {
            let stream = Rc::new(stream);
            report.stream.replace(Rc::downgrade(&stream));
            let connection = Connection {
                number,
                script: &script,
                clock: &clock,
                report: &report,
                stream: &stream,
            };
            let end = connection.live_and_give_up().await;
            if script.kind == Kind::Resets
                && let Some(stream) = Rc::into_inner(stream)
            {
                stream.reset();
            }
            end.unwrap_or_else(|error| End::Failed(error.kind()))
        }
        Err(error) => End::NotConnected(error.kind()),
    };
    report.end.replace(Some(end));
}

struct Connection<'a> {
    number: usize,
    script: &'a Script,
    clock: &'a Clock,
    report: &'a Report,
    stream: &'a Stream,
}

impl Connection<'_> {
    async fn live_and_give_up(&self) -> io::Result<End> {
        let live = pin!(self.live());
        match select(live, self.clock.sleep(PATIENCE)).await {
            Either::Left((end, _)) => end,
            Either::Right(_) => Ok(End::GaveUp),
        }
    }

    async fn live(&self) -> io::Result<End> {
        match self.script.kind {
            Kind::Steady => self.steady().await,
            Kind::Bulk => self.bulk().await,
            Kind::Silent => {
                self.exchange().await?;
                self.read_to_the_end().await
            }
            Kind::Resets | Kind::Leaves => {
                self.send_all().await?;
                Ok(End::Own)
            }
            Kind::NeverReads => {
                let send = self.send_all();
                let minute = self.clock.sleep(Duration::from_secs(60));
                match select(pin!(send), minute).await {
                    Either::Left((sent, minute)) => {
                        sent?;
                        minute.await;
                    }
                    Either::Right(_) => {}
                }
                self.read_to_the_end().await
            }
        }
    }

    async fn steady(&self) -> io::Result<End> {
        self.exchange().await?;
        self.close().await?;
        self.read_to_the_end().await
    }

    async fn bulk(&self) -> io::Result<End> {
        let send = async {
            self.send_all().await?;
            self.close().await
        };
        let (sent, read) = join(send, self.read_to_the_end()).await;
        // An error is returned once: to the read or to the write.
        sent?;
        read
    }

    /// Sends one chunk after the other, each when the echo of the one before has come.
    async fn exchange(&self) -> io::Result<()> {
        while self.report.sent.get() < self.script.bytes {
            self.send_chunk().await?;
            while self.report.received.get() < self.report.sent.get() {
                if self.read().await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
        }
        Ok(())
    }

    async fn send_all(&self) -> io::Result<()> {
        while self.report.sent.get() < self.script.bytes {
            self.send_chunk().await?;
        }
        Ok(())
    }

    async fn send_chunk(&self) -> io::Result<()> {
        let sent = self.report.sent.get();
        let until = self.script.bytes.min(sent + self.script.chunk);
        let bytes: Vec<u8> = (sent..until)
            .map(|place| byte_at(self.number, place))
            .collect();
        let count = (&mut &*self.stream).write(&bytes).await?;
        self.report.sent.set(sent + count);
        self.pause().await;
        Ok(())
    }

    async fn close(&self) -> io::Result<()> {
        (&mut &*self.stream).close().await?;
        self.report.sent_end.set(true);
        Ok(())
    }

    async fn read_to_the_end(&self) -> io::Result<End> {
        while self.read().await? > 0 {
            self.pause().await;
        }
        Ok(End::ServersEnd)
    }

    async fn read(&self) -> io::Result<usize> {
        let mut buffer = [0; 4096];
        let count = (&mut &*self.stream).read(&mut buffer).await?;
        self.report.heard(self.number, &buffer[..count]);
        Ok(count)
    }

    async fn pause(&self) {
        if !self.script.pace.is_zero() {
            self.clock.sleep(self.script.pace).await;
        }
    }
}
