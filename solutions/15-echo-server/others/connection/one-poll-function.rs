//! The clock is asked in the same poll function as the echo, and the order to finish is a flag that the echo looks at.

use std::future::{Future as _, poll_fn};
use std::io;
use std::pin::pin;
use std::task::Poll;

use echo_server::activity::Activity;
use echo_server::drain::drain;
use echo_server::limits::Limits;
use echo_server::pass_on::{Passed, pass_on, send};
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    Completed,
    Reset,
    TimedOut,
}

pub async fn connection<S, T>(stream: S, limits: Limits<'_, T>) -> End
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let activity = Activity::begin(limits.timer.now());
    let mut work = Box::pin(echo(stream, &limits, &activity));
    let mut silence = pin!(activity.idle_for(limits.idle_timeout, limits.timer));
    poll_fn(|context| {
        if let Poll::Ready(result) = work.as_mut().poll(context) {
            return Poll::Ready(result.map_or(End::Reset, |()| End::Completed));
        }
        silence.as_mut().poll(context).map(|()| End::TimedOut)
    })
    .await
}

async fn echo<S, T>(mut stream: S, limits: &Limits<'_, T>, activity: &Activity) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let mut told = limits.drain.cancelled();
    while !limits.drain.is_cancelled() {
        let step = poll_fn(|context| match pass_on(&mut stream, limits, context) {
            Poll::Ready(passed) => Poll::Ready(Some(passed)),
            Poll::Pending => std::pin::Pin::new(&mut told).poll(context).map(|()| None),
        });
        match step.await.transpose()? {
            None => break,
            Some(Passed::End) => return stream.close().await,
            Some(Passed::Some { rest, .. }) => {
                send(&mut stream, rest, limits, activity).await?;
            }
        }
    }
    drain(stream, limits, activity).await
}
