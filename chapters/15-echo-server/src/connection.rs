//! One connection's life.

use std::cell::RefCell;
use std::future::{poll_fn, ready};
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{self, Context, Poll};
use std::time::Duration;

use cancellation::Token;
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use state_machines::{Winner, race, yield_now};

use crate::activity::Activity;
use crate::figures::Tally;

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Everything that was received was sent back, and then it was closed.
    Completed,
    /// It was broken off.
    Reset,
    /// Nothing happened for too long.
    TimedOut,
}

/// What all connections of a worker have in common.
#[derive(Debug)]
pub struct Limits<'a, T> {
    /// The loop's clock.
    pub timer: &'a T,
    /// How long a connection may be idle.
    pub idle_timeout: Duration,
    /// Asks for the end: what has been received is sent back, and then it is closed.
    pub drain: &'a Token,
    /// Where bytes are put for the moment between reading and writing. All connections share it: one
    /// that waits owns no buffer.
    pub buffer: &'a RefCell<Box<[u8]>>,
    /// Where the bytes are counted.
    pub tally: &'a Tally,
}

/// Serves one connection until it is over: sends back what comes, in order and whole, also after the
/// peer has sent its end; reads no more while the peer does not take what is sent; and closes.
///
/// # Cancel safety
///
/// Dropping it drops the connection where it stands.
pub async fn connection<S, T>(stream: S, limits: Limits<'_, T>) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let activity = Activity::begin(limits.timer.now());
    let idle = activity.idle_for(limits.idle_timeout, limits.timer);
    match race(echo(stream, &limits, &activity), idle).await {
        Winner::First(Ok(())) => End::Completed,
        Winner::First(Err(_)) => End::Reset,
        Winner::Second(()) => End::TimedOut,
    }
}

/// Sends back what comes until the peer has sent its end, or the server is to finish.
async fn echo<S, T>(mut stream: S, limits: &Limits<'_, T>, activity: &Activity) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let mut drain = pin!(limits.drain.cancelled());
    loop {
        let passed = poll_fn(|context| pass_on(&mut stream, limits, context));
        let Winner::First(passed) = race(passed, drain.as_mut()).await else {
            break;
        };
        let Passed::Some { rest, .. } = passed? else {
            return stream.close().await;
        };
        send(&mut stream, rest, limits, activity).await?;
    }
    // What has come in by now is sent back as well. There is one attempt a turn, so that it is never
    // the turn's budget that says "nothing".
    let mut last = LAST;
    while last > 0 {
        yield_now().await;
        let passed = poll_fn(|context| pass_on(&mut stream, limits, context));
        let Winner::First(passed) = race(passed, ready(())).await else {
            break;
        };
        let Passed::Some { count, rest } = passed? else {
            break;
        };
        last = last.saturating_sub(count);
        send(&mut stream, rest, limits, activity).await?;
    }
    stream.close().await
}

/// How many bytes a connection still takes when the server is to finish: more than the system has
/// received for it by then (on Linux 6 MiB, if nobody has changed that). A peer that never stops sending
/// would keep the server from its end.
const LAST: usize = 8 << 20;

/// Sends what the peer has not taken at once, as fast as it does.
async fn send<S, T>(
    stream: &mut S,
    mut rest: Vec<u8>,
    limits: &Limits<'_, T>,
    activity: &Activity,
) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
    T: Timer,
{
    activity.note(limits.timer.now());
    while !rest.is_empty() {
        let count = stream.write(&rest).await?;
        if count == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        limits.tally.sent(count);
        activity.note(limits.timer.now());
        rest.drain(..count);
    }
    Ok(())
}

/// What came of one attempt to read.
enum Passed {
    /// So many bytes were there, of which the peer has not taken the rest yet.
    Some { count: usize, rest: Vec<u8> },
    /// The peer has sent its end.
    End,
}

/// Reads what is there into the shared buffer, and writes it back as far as that goes at once: mostly
/// the whole of it. Nothing is allocated then, and the buffer is free again when this returns.
fn pass_on<S, T>(
    stream: &mut S,
    limits: &Limits<'_, T>,
    context: &mut Context<'_>,
) -> Poll<io::Result<Passed>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = limits.buffer.borrow_mut();
    let count = task::ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
    if count == 0 {
        return Poll::Ready(Ok(Passed::End));
    }
    limits.tally.received(count);
    let written = match Pin::new(stream).poll_write(context, &buffer[..count]) {
        Poll::Ready(written) => written?,
        Poll::Pending => 0,
    };
    limits.tally.sent(written);
    let rest = buffer[written..count].to_vec();
    Poll::Ready(Ok(Passed::Some { count, rest }))
}
