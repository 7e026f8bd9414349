//! The same 1,000 commands, with more and more of them on their way.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::future::join_all;
use futures::io::{AsyncRead, AsyncWrite};
use world::redis::{client, decode};

// ANCHOR: main
fn main() {
    for in_flight in [1, 10, 100, 1_000] {
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let handle = event_loop.handle();
        let server = FarServer::new(&handle);
        let (client, connection) = client(server.clone());
        let _runs_on = handle.spawn(connection);
        event_loop.block_on(async {
            for _ in 0..1_000 / in_flight {
                let calls = (0..in_flight).map(|_| client.call(&["GET", "price"]));
                join_all(calls).await;
            }
        });
        let took = handle.now() - event_loop::Time::START;
        let writes = server.writes();
        println!("{in_flight:>5} on their way: {took:>6?}, {writes:>4} writes");
    }
}
// ANCHOR_END: main

/// A server that answers at once, one millisecond away.
#[derive(Clone)]
struct FarServer {
    handle: Handle,
    wire: Rc<RefCell<Wire>>,
}

#[derive(Default)]
struct Wire {
    commands: Vec<u8>,
    answers: VecDeque<u8>,
    reader: Option<Waker>,
    writes: u32,
}

const ROUND_TRIP: Duration = Duration::from_millis(1);

impl FarServer {
    fn new(handle: &Handle) -> FarServer {
        FarServer {
            handle: handle.clone(),
            wire: Rc::default(),
        }
    }

    fn writes(&self) -> u32 {
        self.wire.borrow().writes
    }

    /// Answers every whole command, a round trip after it was sent.
    fn answer(&self) {
        let mut answers = Vec::new();
        while let Ok(Some(_command)) = decode(&mut self.wire.borrow_mut().commands) {
            answers.extend_from_slice(b"$1\r\n7\r\n");
        }
        let wire = Rc::clone(&self.wire);
        let _not_cancelled = self.handle.call_later(ROUND_TRIP, move || {
            wire.borrow_mut().answers.extend(answers);
            let reader = wire.borrow_mut().reader.take();
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
        self.wire.borrow_mut().writes += 1;
        self.wire.borrow_mut().commands.extend_from_slice(bytes);
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
