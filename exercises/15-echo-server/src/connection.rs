//! One connection's life.

use std::future::poll_fn;
use std::io;
use std::pin::pin;

use echo_server::activity::Activity;
use echo_server::drain::drain;
use echo_server::limits::Limits;
use echo_server::pass_on::{Passed, pass_on, send};
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use state_machines::{Winner, race};

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// Every byte that was read was sent back, and the stream was closed.
    Completed,
    /// The stream returned an error.
    Reset,
    /// It was idle for `limits.idle_timeout`.
    TimedOut,
}

/// Serves one connection to its end: sends back every byte, in order, until the peer has sent its end, and
/// closes. While bytes are unsent it reads no more. While it waits, it has not borrowed the shared buffer.
///
/// When `limits.drain` is cancelled, the connection sends the rest that it is sending, and then does what
/// [`drain`] does. Before that it may pass on more bytes, as long as each read is ready at once: on a socket, until the
/// budget of that poll is used up.
///
/// The idle time-out covers everything, also the drain and the close: when no byte was read or taken for
/// `limits.idle_timeout`, the connection is [`End::TimedOut`]. Any error of the stream, also of the close,
/// makes it [`End::Reset`]. It does not call the stream after an error.
///
/// Counts bytes in the poll in which they are read or taken, as [`pass_on`] and [`send`] do.
///
/// # Cancel safety
///
/// Dropping the future drops the stream, without closing it.
pub async fn connection<S, T>(stream: S, limits: Limits<'_, T>) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let _ = (stream, limits);
    todo!("echo, until the end, the order to finish, or too long a silence")
}
