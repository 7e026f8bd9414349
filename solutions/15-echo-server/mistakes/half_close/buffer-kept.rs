//! Reads into the shared buffer with an await, and so has it borrowed while it waits.
//!
//! Second stage: an echo that comes to its end. The step and the rest are there already,
//! [`pass_on`] and [`send`]: yours, if you have written them.

use std::future::poll_fn;
use std::io;

use echo_server::{Activity, Limits, Passed, pass_on, send};
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Sends back what comes, in order and whole, until the peer has sent its end; then everything is sent
/// that is still to be sent, and after that the end: the stream is closed.
///
/// While something is unsent it reads no more. While it waits, it has not borrowed the shared buffer.
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
    // ANCHOR: mistake
    loop {
        let mut buffer = limits.buffer.borrow_mut();
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return stream.close().await;
        }
        stream.write_all(&buffer[..count]).await?;
        activity.note(limits.timer.now());
    }
    // ANCHOR_END: mistake
}
