//! A write that takes no byte is a pending one here: the whole step's bytes are the rest, and the next write finds out.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use echo_server::activity::Activity;
use echo_server::limits::Limits;
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite};

#[derive(Debug, PartialEq, Eq)]
pub enum Passed {
    Some { count: usize, rest: Vec<u8> },
    End,
}

pub fn pass_on<S, T>(
    stream: &mut S,
    limits: &Limits<'_, T>,
    context: &mut Context<'_>,
) -> Poll<io::Result<Passed>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut shared = limits.buffer.borrow_mut();
    let read = Pin::new(&mut *stream).poll_read(context, &mut shared);
    let count = match read {
        Poll::Pending => return Poll::Pending,
        Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
        Poll::Ready(Ok(0)) => return Poll::Ready(Ok(Passed::End)),
        Poll::Ready(Ok(count)) => count,
    };
    limits.tally.received(count);
    let mut bytes = shared.iter().take(count);
    match Pin::new(&mut *stream).poll_write(context, &shared[..count]) {
        Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
        Poll::Ready(Ok(taken)) if taken > 0 => {
            limits.tally.sent(taken);
            bytes.by_ref().take(taken).for_each(drop);
        }
        _ => {}
    }
    let rest = bytes.copied().collect();
    Poll::Ready(Ok(Passed::Some { count, rest }))
}

pub async fn send<S, T>(
    stream: &mut S,
    rest: Vec<u8>,
    limits: &Limits<'_, T>,
    activity: &Activity,
) -> io::Result<()>
where
    S: AsyncWrite + Unpin,
    T: Timer,
{
    let mut left = &rest[..];
    activity.note(limits.timer.now());
    std::future::poll_fn(|context| {
        while !left.is_empty() {
            match Pin::new(&mut *stream).poll_write(context, left) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(taken)) => {
                    left = &left[taken..];
                    limits.tally.sent(taken);
                    activity.note(limits.timer.now());
                }
            }
        }
        Poll::Ready(Ok(()))
    })
    .await
}
