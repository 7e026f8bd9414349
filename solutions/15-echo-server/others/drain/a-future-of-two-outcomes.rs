//! One look is a poll function that is always ready: it says itself that nothing is there. Nothing is raced.

use std::future::poll_fn;
use std::io;
use std::task::Poll;

use echo_server::activity::Activity;
use echo_server::limits::Limits;
use echo_server::pass_on::{Passed, pass_on, send};
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

const LAST: usize = 8 << 20;

pub async fn drain<S, T>(
    mut stream: S,
    limits: &Limits<'_, T>,
    activity: &Activity,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let mut so_far = 0;
    while so_far < LAST {
        let mut was_here = false;
        let look = poll_fn(|context| {
            if !std::mem::replace(&mut was_here, true) {
                // The next iteration of the loop has a new budget.
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            match pass_on(&mut stream, limits, context) {
                Poll::Pending => Poll::Ready(Ok(None)),
                Poll::Ready(Ok(Passed::End)) => Poll::Ready(Ok(None)),
                Poll::Ready(Ok(Passed::Some { count, rest })) => {
                    Poll::Ready(Ok(Some((count, rest))))
                }
                Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            }
        });
        let Some((count, rest)) = look.await? else {
            break;
        };
        so_far += count;
        send(&mut stream, rest, limits, activity).await?;
    }
    stream.close().await
}
