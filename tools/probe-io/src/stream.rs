//! A stream for `async` code, and the peer at its other end.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::io::{AsyncRead, AsyncWrite};
use probe::Run;
use probe_futures::Sim;

/// A stream whose other end is a script: what the [`Peer`] sends comes in one piece after the other, a millisecond apart, and what
/// is written is taken as the peer pleases.
///
/// It keeps the waker of the newest poll of each direction, as a good stream does, and loses nothing if a future that reads from it
/// is dropped.
#[must_use]
pub fn stream(run: &Run, sim: &Sim) -> (Stream, Peer) {
    let wire = Wire {
        incoming: VecDeque::new(),
        reader: None,
        taken: 0,
        piece: usize::MAX,
        room: usize::MAX,
        writer: None,
        held_back: Vec::new(),
        received: Vec::new(),
        holds_back: false,
        refuses: 0,
        stalled: false,
        most_held: 0,
        error: None,
        writes: 0,
        reads_of_the_end: None,
        end: End::Open,
    };
    let wire = Arc::new(Mutex::new(wire));
    let peer = Peer {
        run: run.clone(),
        sim: sim.clone(),
        wire: Arc::clone(&wire),
        next: Arc::default(),
    };
    let sim = sim.clone();
    let stream = Stream {
        run: run.clone(),
        wire,
        sim,
    };
    (stream, peer)
}

/// See [`stream`](fn@stream).
#[derive(Debug)]
pub struct Stream {
    run: Run,
    wire: Arc<Mutex<Wire>>,
    sim: Sim,
}

/// The peer: the other end of the stream. Clones are the same peer.
#[derive(Debug, Clone)]
pub struct Peer {
    run: Run,
    sim: Sim,
    wire: Arc<Mutex<Wire>>,
    next: Arc<Mutex<Duration>>,
}

/// How the stream has ended, as the peer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It has not.
    Open,
    /// It was closed: the end comes after what was sent.
    Closed,
    /// It was dropped without being closed.
    Dropped,
}

#[derive(Debug)]
struct Wire {
    incoming: VecDeque<Piece>,
    reader: Option<Waker>,
    taken: usize,
    /// How much the peer takes at a time, and how much of that is left.
    piece: usize,
    room: usize,
    writer: Option<Waker>,
    held_back: Vec<u8>,
    received: Vec<u8>,
    holds_back: bool,
    refuses: usize,
    /// Whether the peer takes nothing for now.
    stalled: bool,
    /// The most that was read and had not been written yet.
    most_held: usize,
    error: Option<ErrorKind>,
    writes: usize,
    /// How often the end was read, if that is bounded.
    reads_of_the_end: Option<usize>,
    end: End,
}

#[derive(Debug)]
enum Piece {
    Bytes(VecDeque<u8>),
    WithoutEnd,
    End,
    Error(ErrorKind),
}

impl Peer {
    /// Sends these bytes, so that they can be read in one piece, a millisecond after the bytes it sent before.
    pub fn sends(&self, bytes: &[u8]) {
        let text = format!("sends {}", show(bytes));
        self.later(text, Piece::Bytes(bytes.to_vec().into()));
    }

    /// As [`sends`](Peer::sends), without a line in the recording: for more than one wants to read there.
    pub fn sends_quietly(&self, bytes: &[u8]) {
        self.all_later(String::new(), vec![Piece::Bytes(bytes.to_vec().into())]);
    }

    /// Sends these bytes, and its end with them, in the same segment.
    pub fn sends_with_the_end(&self, bytes: &[u8]) {
        let text = format!("sends {}, and ends", show(bytes));
        self.all_later(text, vec![Piece::Bytes(bytes.to_vec().into()), Piece::End]);
    }

    /// Sends these bytes one by one.
    pub fn sends_byte_by_byte(&self, bytes: &[u8]) {
        for byte in bytes {
            self.sends(&[*byte]);
        }
    }

    /// From then on every read fills its whole buffer; all bytes are `x`.
    pub fn sends_without_end(&self) {
        self.later("sends x without end".to_owned(), Piece::WithoutEnd);
    }

    /// Sends the end.
    pub fn ends(&self) {
        self.later("ends".to_owned(), Piece::End);
    }

    /// A thousand reads of the end are the mistake `spins-at-the-end`. Without this, code that reads the end in a loop meets the deadline.
    pub fn bounds_reads_of_the_end(&self) {
        lock(&self.wire).reads_of_the_end = Some(0);
    }

    /// The connection breaks: reading gives this error.
    pub fn breaks(&self, error: ErrorKind) {
        self.later(format!("breaks: {error:?}"), Piece::Error(error));
    }

    /// Takes no more than `bytes` bytes at a time, and lets the writer wait a millisecond in between.
    pub fn takes(&self, bytes: usize) {
        let mut wire = lock(&self.wire);
        (wire.piece, wire.room) = (bytes, bytes);
    }

    /// What is written reaches the peer when the stream is flushed or closed, and not before: the stream has a buffer.
    pub fn gets_it_when_flushed(&self) {
        lock(&self.wire).holds_back = true;
    }

    /// From now on every write waits until [`takes_again`](Peer::takes_again), perhaps forever.
    pub fn stops_taking(&self) {
        lock(&self.wire).stalled = true;
    }

    /// Takes again what is written.
    pub fn takes_again(&self) {
        let waker = {
            let mut wire = lock(&self.wire);
            wire.stalled = false;
            wire.writer.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// From now on, writing takes no bytes and says so.
    pub fn takes_nothing(&self) {
        let mut wire = lock(&self.wire);
        (wire.piece, wire.room) = (0, 1);
    }

    /// After what has been written so far, writing gives this error.
    pub fn refuses(&self, error: ErrorKind) {
        lock(&self.wire).error = Some(error);
    }

    /// What has reached it.
    #[must_use]
    pub fn received(&self) -> Vec<u8> {
        lock(&self.wire).received.clone()
    }

    /// How many bytes the stream holds back until it is flushed.
    #[must_use]
    pub fn held_back(&self) -> usize {
        lock(&self.wire).held_back.len()
    }

    /// How many bytes of what it sent have been read.
    #[must_use]
    pub fn taken(&self) -> usize {
        lock(&self.wire).taken
    }

    /// Of an echo: the most bytes that it had read and not written yet, right after a read.
    #[must_use]
    pub fn most_held(&self) -> usize {
        lock(&self.wire).most_held
    }

    /// How often the code under test tried to write.
    #[must_use]
    pub fn writes(&self) -> usize {
        lock(&self.wire).writes
    }

    /// How often it said that it takes nothing.
    #[must_use]
    pub fn refused(&self) -> usize {
        lock(&self.wire).refuses
    }

    /// How the stream has ended.
    #[must_use]
    pub fn sees_the_end(&self) -> End {
        lock(&self.wire).end
    }

    fn later(&self, text: String, piece: Piece) {
        self.all_later(text, vec![piece]);
    }

    fn all_later(&self, text: String, pieces: Vec<Piece>) {
        let when = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            *next = (*next).max(self.sim.now()) + Duration::from_millis(1);
            *next
        };
        let (wire, recorder) = (Arc::clone(&self.wire), self.run.recorder().clone());
        self.sim.at(when, move || {
            if !text.is_empty() {
                recorder.says("peer", text);
            }
            let waker = {
                let mut wire = lock(&wire);
                wire.incoming.extend(pieces);
                wire.reader.take()
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        });
    }
}

/// Bytes as a reader of a trace wants them: what is too long for a line is only counted.
#[must_use]
pub fn show(bytes: &[u8]) -> String {
    match bytes.len() {
        0..200 => format!("\"{}\"", bytes.escape_ascii()),
        more => format!("{more} bytes"),
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut wire = lock(&self.wire);
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let read = match wire.incoming.front_mut() {
            None => {
                wire.reader = Some(context.waker().clone());
                return Poll::Pending;
            }
            Some(Piece::End) => {
                let reads = wire.reads_of_the_end.as_mut().map(|reads| {
                    *reads += 1;
                    *reads
                });
                drop(wire);
                if let Some(reads @ ENOUGH..) = reads {
                    self.spins_at_the_end(reads);
                }
                return Poll::Ready(Ok(0));
            }
            Some(Piece::Error(error)) => return Poll::Ready(Err((*error).into())),
            Some(Piece::WithoutEnd) => {
                buffer.fill(b'x');
                buffer.len()
            }
            Some(Piece::Bytes(bytes)) => bytes.read(buffer)?,
        };
        wire.taken += read;
        let written = wire.received.len() + wire.held_back.len();
        wire.most_held = wire.most_held.max(wire.taken.saturating_sub(written));
        if matches!(wire.incoming.front(), Some(Piece::Bytes(bytes)) if bytes.is_empty()) {
            wire.incoming.pop_front();
        }
        Poll::Ready(Ok(read))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut wire = lock(&self.wire);
        wire.writes += 1;
        if wire.end != End::Open {
            return Poll::Ready(Err(ErrorKind::BrokenPipe.into()));
        }
        if let Some(error) = wire.error {
            return Poll::Ready(Err(error.into()));
        }
        if bytes.is_empty() {
            return Poll::Ready(Ok(0));
        }
        if wire.piece == 0 {
            wire.refuses += 1;
            return Poll::Ready(Ok(0));
        }
        if wire.stalled {
            wire.writer = Some(context.waker().clone());
            return Poll::Pending;
        }
        if wire.room == 0 {
            if wire.writer.replace(context.waker().clone()).is_none() {
                self.makes_room();
            }
            return Poll::Pending;
        }
        let count = bytes.len().min(wire.room);
        if wire.room != usize::MAX {
            wire.room -= count;
        }
        wire.held_back.extend(&bytes[..count]);
        if !wire.holds_back {
            wire.flush();
        }
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        lock(&self.wire).flush();
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut wire = lock(&self.wire);
        wire.flush();
        wire.end = End::Closed;
        Poll::Ready(Ok(()))
    }
}

/// More reads of the end than any right answer makes.
const ENOUGH: usize = 1_000;

impl Stream {
    fn spins_at_the_end(&self, reads: usize) -> ! {
        (self.run.recorder()).says("stream", format!("its end is read {reads} times"));
        self.run.diagnose(
            "spins-at-the-end",
            format!(
                "The stream had ended, and {reads} reads returned 0 bytes. A read of 0 bytes is the end: no byte will follow, and the loop \
                 that reads has to stop."
            ),
        )
    }

    fn makes_room(&self) {
        let wire = Arc::clone(&self.wire);
        self.sim
            .at(self.sim.now() + Duration::from_millis(1), move || {
                let waker = {
                    let mut wire = lock(&wire);
                    wire.room = wire.piece;
                    wire.writer.take()
                };
                if let Some(waker) = waker {
                    waker.wake();
                }
            });
    }
}

impl Drop for Stream {
    /// What was not flushed is lost.
    fn drop(&mut self) {
        let mut wire = lock(&self.wire);
        if wire.end == End::Open {
            wire.end = End::Dropped;
        }
        wire.reader = None;
        wire.writer = None;
    }
}

impl Wire {
    fn flush(&mut self) {
        let held_back = std::mem::take(&mut self.held_back);
        self.received.extend(held_back);
    }
}

fn lock(wire: &Mutex<Wire>) -> MutexGuard<'_, Wire> {
    wire.lock().unwrap_or_else(PoisonError::into_inner)
}
