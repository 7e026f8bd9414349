//! One connection's life.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use cancellation::Token;
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use state_machines::{Winner, race};

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
        // The bytes come first: the server finishes what it has received.
        let Winner::First(passed) = race(passed, drain.as_mut()).await else {
            break;
        };
        let Passed::Some { mut rest } = passed? else {
            break;
        };
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
    }
    stream.close().await
}

/// What came of one attempt to read.
enum Passed {
    /// Something was there. This is what the peer has not taken yet.
    Some { rest: Vec<u8> },
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
    let read = ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
    if read == 0 {
        return Poll::Ready(Ok(Passed::End));
    }
    limits.tally.received(read);
    let written = match Pin::new(stream).poll_write(context, &buffer[..read]) {
        Poll::Ready(written) => written?,
        Poll::Pending => 0,
    };
    limits.tally.sent(written);
    let rest = buffer[written..read].to_vec();
    Poll::Ready(Ok(Passed::Some { rest }))
}
