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
    /// Everything that was received was sent back, and then it was closed.
    Completed,
    /// It was broken off.
    Reset,
    /// Nothing happened for too long.
    TimedOut,
}

/// Serves one connection until it is over: sends back what comes, in order and whole, also after the
/// peer has sent its end; reads no more while the peer does not take what is sent; and closes.
///
/// When `limits.drain` is cancelled, a rest that is being sent is sent first; then [`drain`] does what is
/// left to do. Whether one more attempt to read comes before that is open: `drain` reads what has come, in
/// any case. The idle time-out holds until the connection is over, also while it drains.
///
/// # Cancel safety
///
/// Dropping it drops the connection where it stands.
pub async fn connection<S, T>(stream: S, limits: Limits<'_, T>) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    // YOURS
    let activity = Activity::begin(limits.timer.now());
    let idle = activity.idle_for(limits.idle_timeout, limits.timer);
    match race(echo(stream, &limits, &activity), idle).await {
        Winner::First(Ok(())) => End::Completed,
        Winner::First(Err(_)) => End::Reset,
        Winner::Second(()) => End::TimedOut,
    }
    // STUB: let _ = (stream, limits);
    // STUB: todo!("echo, until the end, the order to finish, or too long a silence")
    // YOURS_END
}
// YOURS

/// Sends back what comes until the peer has sent its end, or the server is to finish.
async fn echo<S, T>(mut stream: S, limits: &Limits<'_, T>, activity: &Activity) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let mut finish = pin!(limits.drain.cancelled());
    loop {
        let passed = poll_fn(|context| pass_on(&mut stream, limits, context));
        let Winner::First(passed) = race(passed, finish.as_mut()).await else {
            break;
        };
        let Passed::Some { rest, .. } = passed? else {
            return stream.close().await;
        };
        send(&mut stream, rest, limits, activity).await?;
    }
    drain(stream, limits, activity).await
}
// YOURS_END
