//! Leaves the whole rest to one call, and notes the activity before it and after it.
//!
//! The step that an echo consists of: read what is there, and write it back.

use std::io;
use std::pin::Pin;
use std::task::{self, Context, Poll};

use echo_server::activity::Activity;
use echo_server::limits::Limits;
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

/// What came of one attempt to read.
#[derive(Debug, PartialEq, Eq)]
pub enum Passed {
    /// So many bytes were there, of which the peer has not taken the rest yet.
    Some {
        /// How many bytes were read.
        count: usize,
        /// Those that are still to be written.
        rest: Vec<u8>,
    },
    /// The peer has sent its end.
    End,
}

/// Reads what is there into the shared buffer, and writes it back as far as that goes at once: mostly
/// the whole of it. The rest is empty then and owns no memory, and the buffer is free again when this
/// returns.
///
/// What was read and what was written is counted: `limits.tally` has
/// `received(count)` and `sent(count)` for it.
pub fn pass_on<S, T>(
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

/// Sends what the peer has not taken at once, as fast as it does.
///
/// Something has been read when this is called, so it notes the activity at once; and again whenever the
/// peer takes something, of which it counts the bytes as sent.
///
/// # Errors
///
/// The stream's; and `WriteZero` if the stream takes nothing and says so.
pub async fn send<S, T>(
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
    // ANCHOR: mistake
    stream.write_all(&rest).await?;
    // ANCHOR_END: mistake
    limits.tally.sent(rest.len());
    activity.note(limits.timer.now());
    rest.clear();
    Ok(())
}
