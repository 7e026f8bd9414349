//! One connection's life.

use std::future::poll_fn;
use std::io;
// YOURS
// STUB: use std::pin::pin;
// YOURS_END

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
// YOURS
#[allow(clippy::manual_async_fn)] // An `async fn` keeps each argument twice: as it came, and as a local variable.
pub fn connection<S, T>(stream: S, limits: Limits<'_, T>) -> impl Future<Output = End>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    async move {
        let activity = Activity::begin(limits.timer.now());
        let idle = activity.idle_for(limits.idle_timeout, limits.timer);
        match race(echo(stream, &limits, &activity), idle).await {
            Winner::First(Ok(())) => End::Completed,
            Winner::First(Err(_)) => End::Reset,
            Winner::Second(()) => End::TimedOut,
        }
    }
}
// STUB: pub async fn connection<S, T>(stream: S, limits: Limits<'_, T>) -> End
// STUB: where
// STUB:     S: AsyncRead + AsyncWrite + Unpin,
// STUB:     T: Timer,
// STUB: {
// STUB:     let _ = (stream, limits);
// STUB:     todo!("echo, until the end, the order to finish, or too long a silence")
// STUB: }

/// Sends back every byte until the peer has sent its end, or the server is told to finish.
///
/// What an idle connection does not wait for stands in a box, so that its future is no larger for it: a peer that
/// takes its bytes slowly, and the end.
#[allow(clippy::manual_async_fn)] // As above.
fn echo<S, T>(
    mut stream: S,
    limits: &Limits<'_, T>,
    activity: &Activity,
) -> impl Future<Output = io::Result<()>>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    async move {
        let mut finish = limits.drain.cancelled();
        loop {
            let passed = poll_fn(|context| pass_on(&mut stream, limits, context));
            let Winner::First(passed) = race(passed, &mut finish).await else {
                break;
            };
            let Passed::Some { rest, .. } = passed? else {
                return stream.close().await;
            };
            activity.note(limits.timer.now());
            let Some(rest) = not_empty(rest) else {
                continue;
            };
            Box::pin(send(&mut stream, rest, limits, activity)).await?;
        }
        Box::pin(drain(stream, limits, activity)).await
    }
}

fn not_empty(rest: Vec<u8>) -> Option<Vec<u8>> {
    (!rest.is_empty()).then_some(rest)
}
// YOURS_END
