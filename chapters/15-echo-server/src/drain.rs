//! The end that the server has decided on: what has been received comes back, and nothing more is waited
//! for.

use std::future::{poll_fn, ready};
use std::io;

use echo_server::activity::Activity;
use echo_server::limits::Limits;
use echo_server::pass_on::{Passed, pass_on, send};
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use state_machines::{Winner, race, yield_now};

/// How many bytes a connection still takes when the server is to finish: more than the system has
/// received for it by then (on Linux 6 MiB, if nobody has changed that). A peer that never stops sending
/// would keep the server from its end.
const LAST: usize = 8 << 20;

/// Sends back what has come by now, as fast as the peer takes it; then sends the end.
///
/// It does not wait for more: an attempt to read that finds nothing is enough, and it need not look again.
/// When [`LAST`] bytes are reached, it reads no more either, and what was read by then is sent. Each
/// attempt has a turn of the loop of its own, the first one included, because a socket has a budget for
/// each turn: when that is used up it says "nothing", though there would be something, and the echo may
/// have used it up in this turn.
///
/// # Errors
///
/// The stream's.
pub async fn drain<S, T>(
    mut stream: S,
    limits: &Limits<'_, T>,
    activity: &Activity,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    // YOURS
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
    // STUB: let _ = (&mut stream, limits, activity);
    // STUB: todo!("send back what has come by now, then the end")
    // YOURS_END
}
