//! Connections that call back: `Protocol` and `Transport`, as Twisted and asyncio have them.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use event_loop::{Handle, JoinHandle};
use futures::io::{AsyncRead, AsyncWrite};

use crate::write_buffer::{Flow, Marks, WriteBuffer};
use crate::{ReactorHandle, TcpListener, TcpStream};

// ANCHOR: protocol
/// The callbacks of a connection. A callback does not wait: what a later one needs is stored in
/// `self`.
pub trait Protocol {
    /// The connection is made. Called first, and once.
    fn connection_made(&mut self, transport: &Transport);

    /// Bytes were received: any part of a message, or of several.
    fn data_received(&mut self, transport: &Transport, bytes: &[u8]);

    /// The peer will send no more. Returns whether the protocol goes on writing. If not, the
    /// connection is closed once every byte is sent.
    fn eof_received(&mut self, _transport: &Transport) -> bool {
        false
    }

    /// The connection has ended: with this error, or because this side closed it. Called last, and once.
    fn connection_lost(&mut self, reason: Option<io::Error>);

    /// Too many bytes wait to be sent. A protocol that writes on fills the memory.
    fn pause_writing(&mut self) {}

    /// Most of the waiting bytes are sent.
    fn resume_writing(&mut self) {}
}
// ANCHOR_END: protocol

/// A protocol's handle to its connection. A clone is the same connection. After the connection has
/// ended, calls do nothing.
#[derive(Clone)]
pub struct Transport {
    shared: Rc<RefCell<Shared>>,
}

struct Shared {
    outgoing: WriteBuffer,
    ending: Ending,
    reading: bool,
    news: VecDeque<Flow>,
    /// Set while the connection's task is not being polled.
    waker: Option<Waker>,
}

/// How far the protocol has ended the connection. The state only moves down this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Open,
    /// The end is sent after the waiting bytes.
    Eof,
    /// The end has been sent.
    EofSent,
    /// The connection ends after the waiting bytes are sent.
    Close,
    /// The connection ends at once.
    Abort,
}

impl Transport {
    fn new() -> Transport {
        let shared = Shared {
            outgoing: WriteBuffer::new(Marks::default()),
            ending: Ending::Open,
            reading: true,
            news: VecDeque::new(),
            waker: None,
        };
        Transport {
            shared: Rc::new(RefCell::new(shared)),
        }
    }

    /// Sends these bytes, as soon as there is room. It does not wait. After `write_eof` or `close`
    /// they are dropped.
    pub fn write(&self, bytes: &[u8]) {
        self.change(|shared| {
            if shared.ending == Ending::Open {
                let flow = shared.outgoing.push(bytes);
                shared.news.extend(flow);
            }
        });
    }

    /// Sends the end, after what has been written. Reading goes on.
    pub fn write_eof(&self) {
        self.change(|shared| shared.end(Ending::Eof));
    }

    /// Closes the connection when what has been written is sent. Nothing is read any more.
    pub fn close(&self) {
        self.change(|shared| shared.end(Ending::Close));
    }

    /// Closes the connection at once. What has been written and not sent is lost.
    pub fn abort(&self) {
        self.change(|shared| shared.end(Ending::Abort));
    }

    /// Whether it was closed from here.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.shared.borrow().ending >= Ending::Close
    }

    /// Calls `data_received` no more, until `resume_reading`. The peer is held up in the end, by
    /// the system's buffers.
    pub fn pause_reading(&self) {
        self.change(|shared| shared.reading = false);
    }

    /// Goes on reading.
    pub fn resume_reading(&self) {
        self.change(|shared| shared.reading = true);
    }

    /// How many bytes may wait before the protocol is told to pause, and how few before it is told
    /// to resume.
    pub fn set_write_buffer_limits(&self, marks: Marks) {
        self.change(|shared| {
            let flow = shared.outgoing.set_marks(marks);
            shared.news.extend(flow);
        });
    }

    /// How many bytes wait to be sent.
    #[must_use]
    pub fn write_buffer_size(&self) -> usize {
        self.shared.borrow().outgoing.len()
    }

    /// Nothing is borrowed while the task is woken.
    fn change(&self, change: impl FnOnce(&mut Shared)) {
        let waker = {
            let mut shared = self.shared.borrow_mut();
            change(&mut shared);
            shared.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Shared {
    fn end(&mut self, ending: Ending) {
        self.ending = self.ending.max(ending);
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Transport")
            .field("write_buffer_size", &self.write_buffer_size())
            .finish()
    }
}

/// Accepts connections and makes a protocol for each, as asyncio's `create_server` does. Aborting
/// the task stops the accept loop; its connections continue.
///
/// An error of `accept` ends the loop, unless it concerns one connection only.
pub fn serve<P: Protocol + 'static>(
    event_loop: &Handle,
    listener: TcpListener,
    mut factory: impl FnMut() -> P + 'static,
) -> JoinHandle<io::Error> {
    let spawner = event_loop.clone();
    event_loop.spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(spawner.spawn(run(stream, factory()))),
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return error,
            }
        }
    })
}

/// Connects and runs the protocol on the connection, as asyncio's `create_connection` does. The task
/// completes when the connection ends.
///
/// # Errors
///
/// As [`TcpStream::connect`]. The protocol is dropped then, and no method of it was called.
pub async fn connect<P: Protocol + 'static>(
    event_loop: &Handle,
    reactor: &ReactorHandle,
    address: SocketAddr,
    protocol: P,
) -> io::Result<JoinHandle<()>> {
    let stream = TcpStream::connect(reactor, address).await?;
    Ok(event_loop.spawn(run(stream, protocol)))
}

/// One connection, from `connection_made` to `connection_lost`, as a task. asyncio builds tasks on
/// callbacks; this builds callbacks on a task.
///
/// # Cancel safety
///
/// Dropping it closes the connection, and `connection_lost` is not called.
// ANCHOR: run
pub async fn run<S, P>(stream: S, mut protocol: P)
where
    S: AsyncRead + AsyncWrite + Unpin,
    P: Protocol,
{
    let transport = Transport::new();
    protocol.connection_made(&transport);
    let mut connection = Connection {
        stream,
        transport,
        ended: false,
    };
    let ended = poll_fn(|context| connection.poll(context, &mut protocol)).await;
    connection.transport.abort();
    drop(connection);
    protocol.connection_lost(ended.err());
}
// ANCHOR_END: run

struct Connection<S> {
    stream: S,
    transport: Transport,
    /// Whether the peer's end has been read.
    ended: bool,
}

/// Bytes of one read. The buffer is on the stack, so a connection that waits has none.
const PIECE: usize = 4096;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Ready when the connection has ended.
    fn poll(
        &mut self,
        context: &mut Context<'_>,
        protocol: &mut impl Protocol,
    ) -> Poll<io::Result<()>> {
        let older = self.transport.shared.borrow_mut().waker.take();
        drop(older); // Nothing is borrowed while its destructor runs.
        loop {
            if let Poll::Ready(over) = self.send(context, protocol) {
                return Poll::Ready(over);
            }
            if !self.may_read() || !self.receive(context, protocol)? {
                break;
            }
        }
        let waker = context.waker().clone();
        self.transport.shared.borrow_mut().waker = Some(waker);
        Poll::Pending
    }

    /// Sends what there is room for, and tells the protocol how that goes.
    fn send(
        &mut self,
        context: &mut Context<'_>,
        protocol: &mut impl Protocol,
    ) -> Poll<io::Result<()>> {
        loop {
            self.tell(protocol);
            let mut shared = self.transport.shared.borrow_mut();
            if shared.ending == Ending::Abort {
                return Poll::Ready(Ok(()));
            }
            let stream = Pin::new(&mut self.stream);
            if shared.outgoing.is_empty() {
                return match shared.ending {
                    Ending::Open | Ending::EofSent => Poll::Pending,
                    Ending::Eof => {
                        let sent = stream.poll_close(context)?;
                        if sent.is_ready() {
                            shared.end(Ending::EofSent);
                        }
                        Poll::Pending
                    }
                    Ending::Close | Ending::Abort => stream.poll_close(context),
                };
            }
            match stream.poll_write(context, shared.outgoing.front())? {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(count) => {
                    let flow = shared.outgoing.written(count);
                    shared.news.extend(flow);
                }
            }
        }
    }

    fn tell(&self, protocol: &mut impl Protocol) {
        loop {
            let next = self.transport.shared.borrow_mut().news.pop_front();
            match next {
                Some(Flow::Pause) => protocol.pause_writing(),
                Some(Flow::Resume) => protocol.resume_writing(),
                None => return,
            }
        }
    }

    fn may_read(&self) -> bool {
        let shared = self.transport.shared.borrow();
        !self.ended && shared.reading && shared.ending < Ending::Close
    }

    /// Reads once, and tells the protocol. Returns whether there was something.
    fn receive(
        &mut self,
        context: &mut Context<'_>,
        protocol: &mut impl Protocol,
    ) -> io::Result<bool> {
        let mut piece = [0; PIECE];
        match Pin::new(&mut self.stream).poll_read(context, &mut piece)? {
            Poll::Pending => return Ok(false),
            Poll::Ready(0) => {
                self.ended = true;
                if !protocol.eof_received(&self.transport) {
                    self.transport.close();
                }
            }
            Poll::Ready(count) => protocol.data_received(&self.transport, &piece[..count]),
        }
        Ok(true)
    }
}
