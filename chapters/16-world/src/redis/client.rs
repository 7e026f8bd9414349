//! Many commands on their way, each answer to its caller.

// YOURS
use std::cell::RefCell;
use std::collections::VecDeque;
// YOURS_END
use std::fmt;
use std::future::Future;
use std::io;
// YOURS
use std::io::ErrorKind;
use std::mem::take;
// YOURS_END
use std::pin::Pin;
// YOURS
use std::rc::Rc;
// YOURS_END
use std::task::{Context, Poll};
// YOURS
use std::task::{Waker, ready};
// YOURS_END

use futures::io::{AsyncRead, AsyncWrite};
// YOURS
use wakers::oneshot::{self, Receiver, Sender};
// YOURS_END
use world::redis::Value;
// YOURS
use world::redis::{decode, encode};
// YOURS_END

/// A client of the server at the other end of `stream`, and the future that moves the bytes.
///
/// ```no_run
/// use event_loop::EventLoop;
/// use futures::future::join;
/// use reactor::{Reactor, TcpStream};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event_loop = EventLoop::with_driver(Reactor::new()?);
/// let (reactor, handle) = (event_loop.driver().handle(), event_loop.handle());
/// event_loop.block_on(async {
///     let stream = TcpStream::connect(&reactor, "127.0.0.1:6379".parse()?).await?;
///     let (client, connection) = world::redis::client(stream);
///     let connection = handle.spawn(connection);
///     // Both are sent before the first one is answered.
///     let (set, get) = join(client.call(&["SET", "n", "7"]), client.call(&["GET", "n"])).await;
///     println!("{:?} {:?}", set?, get?);
///     drop(client);
///     Ok(connection.await??)
/// })
/// # }
/// ```
pub fn client<S>(stream: S) -> (Client, Connection<S>) {
    // YOURS
    let shared = Rc::new(Shared::default());
    let client = Client {
        guard: Rc::new(Guard(Rc::clone(&shared))),
    };
    let connection = Connection {
        stream,
        shared,
        writing: Vec::new(),
        written: 0,
        unflushed: false,
        incoming: Vec::new(),
    };
    (client, connection)
    // STUB: drop(stream);
    // STUB: todo!("make both of them")
    // YOURS_END
}

/// Sends commands. A clone is a client of the same connection.
#[derive(Clone)]
pub struct Client {
    // YOURS
    guard: Rc<Guard>,
    // STUB: // What it shares with the connection.
    // YOURS_END
}

/// The connection is lost before the answer came, or was lost before the call. The server may have executed the
/// command, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

impl Client {
    /// Sends a command, and waits for its answer.
    ///
    /// The first poll puts the command behind those of earlier calls and wakes the [`Connection`]. The call does not
    /// wait for the answers to earlier commands before its own is sent. The server answers in the order of the
    /// commands.
    ///
    /// # Errors
    ///
    /// [`Lost`] if the connection is lost or dropped. An error of the server is an answer: [`Value::Error`].
    ///
    /// # Cancel safety
    ///
    /// Dropped before its first poll, it sends nothing. Dropped later, the command is sent anyway, its answer
    /// is dropped, and every other call gets its own answer.
    pub async fn call(&self, words: &[&str]) -> Result<Value, Lost> {
        // YOURS
        let answer = self.guard.0.submit(words)?;
        answer.await.map_err(|_closed| Lost)
        // STUB: let _ = words;
        // STUB: todo!("send the command, and wait for its own answer")
        // YOURS_END
    }
}

/// Moves the bytes of one connection: a task of its own polls it.
///
/// Each poll writes the commands that wait, and reads and hands out answers. Commands that wait together leave
/// together: if the stream takes all bytes, ten commands cost one write and one flush. While the stream takes nothing,
/// answers are read anyway: a server that cannot send its answers reads no more commands.
///
/// It completes
/// - with `Ok` when every [`Client`] is dropped and every command answered; it has closed the stream then,
/// - with the error of the stream; a write that takes no byte may count as [`WriteZero`](std::io::ErrorKind::WriteZero),
/// - with [`UnexpectedEof`](std::io::ErrorKind::UnexpectedEof) if the stream ends before that,
/// - with [`InvalidData`](std::io::ErrorKind::InvalidData) if the server sends what is no value, or an answer that no
///   command asked for.
///
/// When it completes, or is dropped, the calls that wait get [`Lost`], and so does each later one.
#[must_use = "a connection does nothing unless it is polled: spawn it"]
pub struct Connection<S> {
    stream: S,
    // YOURS
    shared: Rc<Shared>,
    writing: Vec<u8>,
    written: usize,
    unflushed: bool,
    incoming: Vec<u8>,
    // YOURS_END
}

// YOURS
/// What the clients and the connection share.
#[derive(Default)]
struct Shared {
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    outgoing: Vec<u8>,
    // ANCHOR: waiting
    /// One for each command that is not answered, the oldest first. A caller that is gone keeps its place.
    waiting: VecDeque<Sender<Value>>,
    // ANCHOR_END: waiting
    driver: Option<Waker>,
    clients_gone: bool,
    lost: bool,
}

/// The last one tells the connection that no client is left.
struct Guard(Rc<Shared>);

impl Drop for Guard {
    fn drop(&mut self) {
        let waker = {
            let mut state = self.0.state.borrow_mut();
            state.clients_gone = true;
            state.driver.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Shared {
    // ANCHOR: submit
    fn submit(&self, words: &[&str]) -> Result<Receiver<Value>, Lost> {
        let (sender, receiver) = oneshot::channel();
        let waker = {
            let mut state = self.state.borrow_mut();
            if state.lost {
                return Err(Lost);
            }
            encode(words, &mut state.outgoing);
            state.waiting.push_back(sender);
            state.driver.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(receiver)
    }
    // ANCHOR_END: submit

    // ANCHOR: deliver
    /// Hands an answer to the oldest command. If its caller is gone, `send` returns the value, and it is dropped.
    fn deliver(&self, value: Value) -> io::Result<()> {
        let sender = self.state.borrow_mut().waiting.pop_front();
        let sender = sender.ok_or(ErrorKind::InvalidData)?;
        drop(sender.send(value));
        Ok(())
    }
    // ANCHOR_END: deliver

    /// Dropping their senders wakes the callers, which may call again: no borrow is held.
    fn lose(&self) {
        let waiting = {
            let mut state = self.state.borrow_mut();
            state.lost = true;
            take(&mut state.waiting)
        };
        drop(waiting);
    }

    fn is_done(&self) -> bool {
        let state = self.state.borrow();
        state.clients_gone && state.waiting.is_empty()
    }
}

/// How often one poll may read before other tasks run.
const ROUNDS: usize = 16;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Ready when everything is written and flushed.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.written == self.writing.len() {
                self.writing = take(&mut self.shared.state.borrow_mut().outgoing);
                self.written = 0;
                if self.writing.is_empty() {
                    break;
                }
            }
            let rest = &self.writing[self.written..];
            match ready!(Pin::new(&mut self.stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
            self.unflushed = true;
        }
        if self.unflushed {
            ready!(Pin::new(&mut self.stream).poll_flush(context))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads once, and hands out every answer that is complete.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut chunk = [0; 4_096];
        let count = ready!(Pin::new(&mut self.stream).poll_read(context, &mut chunk))?;
        if count == 0 {
            return Poll::Ready(Err(ErrorKind::UnexpectedEof.into()));
        }
        self.incoming.extend_from_slice(&chunk[..count]);
        loop {
            match decode(&mut self.incoming) {
                Ok(Some(value)) => self.shared.deliver(value)?,
                Ok(None) => return Poll::Ready(Ok(())),
                Err(_malformed) => return Poll::Ready(Err(ErrorKind::InvalidData.into())),
            }
        }
    }

    // ANCHOR: serve
    fn serve(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        for _ in 0..ROUNDS {
            // Pending or not: a stream that takes nothing may still have answers.
            if let Poll::Ready(Err(error)) = self.poll_write(context) {
                return Poll::Ready(Err(error));
            }
            if self.shared.is_done() {
                return Pin::new(&mut self.stream).poll_close(context);
            }
            ready!(self.poll_read(context))?;
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
    // ANCHOR_END: serve
}

// YOURS_END
impl<S: AsyncRead + AsyncWrite + Unpin> Future for Connection<S> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // YOURS
        let this = self.get_mut();
        let older = (this.shared.state.borrow_mut().driver).replace(context.waker().clone());
        drop(older);
        let served = this.serve(context);
        if served.is_ready() {
            this.shared.lose();
        }
        served
        // STUB: let _ = (&self.stream, context);
        // STUB: todo!("write, read, hand out")
        // YOURS_END
    }
}

// YOURS
impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.shared.lose();
    }
}

// YOURS_END
impl fmt::Display for Lost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the connection is lost")
    }
}

impl std::error::Error for Lost {}

impl fmt::Debug for Client {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Client")
    }
}

impl<S> fmt::Debug for Connection<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Connection")
    }
}
