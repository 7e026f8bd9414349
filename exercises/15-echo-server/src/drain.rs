//! The end that the server decides on: the bytes that have arrived are sent back, and the connection does
//! not wait for more.
//!
//! It is what one connection does when chapter 11's `Drain` tells its work that the service is finishing.

use std::future::{poll_fn, ready};
use std::io;

use echo_server::activity::Activity;
use echo_server::limits::Limits;
use echo_server::pass_on::{Passed, pass_on, send};
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use state_machines::{Winner, race, yield_now};

/// How many bytes a connection still reads after the server was told to finish: more than Linux before 6.16
/// holds for it by default (6 MiB; up to 32 MiB since). Without a bound, a peer that never stops sending
/// would keep the server from ending.
const LAST: usize = 8 << 20;

/// Sends back the bytes that have arrived, as fast as the peer takes them, and closes the stream.
///
/// It does not wait for more bytes: it reads until no byte is there, until the peer's end, or until it has
/// read [`LAST`] bytes or more. Then it reads no more. It sends everything that it read before it
/// closes. While bytes are unsent it reads no more, and while the peer takes them slowly it notes that as
/// activity, as [`send`] does.
///
/// An attempt to read is pending if no byte is there, and also if the socket's budget for this iteration of
/// the loop is used up.
///
/// # Errors
///
/// The error of the read, the write, or the close. It does not call the stream after an error.
pub async fn drain<S, T>(
    mut stream: S,
    limits: &Limits<'_, T>,
    activity: &Activity,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let _ = (&mut stream, limits, activity);
    todo!("send back what has come by now, then the end")
}
