//! Second stage: an echo that comes to its end. The step and the rest are there already,
//! [`pass_on`] and [`send`]: yours, if you have written them.

use std::future::poll_fn;
use std::io;

use echo_server::{Activity, Limits, Passed, pass_on, send};
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

/// Sends back what comes, in order and whole, until the peer has sent its end; then everything is sent
/// that is still to be sent, and after that the end: the stream is closed.
///
/// While something is unsent it reads no more. While it waits, it has not borrowed the shared buffer.
/// Whatever comes in is noted as activity, also if the peer takes all of it at once; whatever goes in or
/// out is counted.
///
/// # Errors
///
/// The stream's. The stream is dropped then, and not closed.
pub async fn echo<S, T>(
    mut stream: S,
    limits: &Limits<'_, T>,
    activity: &Activity,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let _ = (&mut stream, limits, activity);
    todo!("step after step, until the end")
}
