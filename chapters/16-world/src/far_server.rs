//! A server in memory that is some time away, for the programs of this chapter.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::Handle;
use futures::io::{AsyncRead, AsyncWrite};

/// Takes whole requests off the front of the bytes, and returns the answers.
type Respond = Box<dyn FnMut(&mut Vec<u8>) -> Vec<u8>>;

/// The client's end of a connection to a server in memory. A clone is the same connection.
///
/// The server reads every byte at once, works on it without taking time, and its answers arrive one `round_trip` after
/// the request was written.
///
/// ```
/// use std::time::Duration;
///
/// use event_loop::{EventLoop, JumpingDriver};
/// use futures::io::{AsyncReadExt, AsyncWriteExt};
/// use world::far_server::FarServer;
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let echo = std::mem::take::<Vec<u8>>;
/// let mut server = FarServer::new(&event_loop.handle(), Duration::from_millis(5), echo);
/// event_loop.block_on(async {
///     server.write_all(b"hello").await.unwrap();
///     let mut heard = [0; 5];
///     server.read_exact(&mut heard).await.unwrap();
///     assert_eq!(&heard, b"hello");
/// });
/// assert_eq!(server.writes(), 1);
/// ```
#[derive(Clone)]
pub struct FarServer {
    handle: Handle,
    round_trip: Duration,
    respond: Rc<RefCell<Respond>>,
    wire: Rc<RefCell<Wire>>,
}

#[derive(Default)]
struct Wire {
    requests: Vec<u8>,
    answers: VecDeque<u8>,
    reader: Option<Waker>,
    writes: u32,
}

impl FarServer {
    /// A connection to a server that answers with `respond`.
    pub fn new(
        handle: &Handle,
        round_trip: Duration,
        respond: impl FnMut(&mut Vec<u8>) -> Vec<u8> + 'static,
    ) -> FarServer {
        FarServer {
            handle: handle.clone(),
            round_trip,
            respond: Rc::new(RefCell::new(Box::new(respond))),
            wire: Rc::default(),
        }
    }

    /// How many writes the client has made.
    #[must_use]
    pub fn writes(&self) -> u32 {
        self.wire.borrow().writes
    }

    fn answer(&self) {
        let mut requests = std::mem::take(&mut self.wire.borrow_mut().requests);
        let answers = (self.respond.borrow_mut())(&mut requests);
        self.wire.borrow_mut().requests = requests;
        if answers.is_empty() {
            return;
        }
        let wire = Rc::clone(&self.wire);
        let _not_cancelled = self.handle.call_later(self.round_trip, move || {
            let reader = {
                let mut wire = wire.borrow_mut();
                wire.answers.extend(answers);
                wire.reader.take()
            };
            if let Some(reader) = reader {
                reader.wake();
            }
        });
    }
}

impl AsyncRead for FarServer {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut wire = self.wire.borrow_mut();
        if wire.answers.is_empty() {
            wire.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(wire.answers.read(buffer))
    }
}

impl AsyncWrite for FarServer {
    fn poll_write(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        {
            let mut wire = self.wire.borrow_mut();
            wire.writes += 1;
            wire.requests.extend_from_slice(bytes);
        }
        self.answer();
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl fmt::Debug for FarServer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FarServer")
            .field("round_trip", &self.round_trip)
            .finish_non_exhaustive()
    }
}
