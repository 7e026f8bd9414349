//! Many commands on their way, each answer to its caller.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::io::{AsyncRead, AsyncWrite};
use world::redis::Value;

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
    drop(stream);
    todo!("make both of them")
}

/// Sends commands. A clone is a client of the same connection.
#[derive(Clone)]
pub struct Client {
    // What it shares with the connection.
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
        let _ = words;
        todo!("send the command, and wait for its own answer")
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
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Connection<S> {
    type Output = io::Result<()>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let _ = (&self.stream, context);
        todo!("write, read, hand out")
    }
}

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
