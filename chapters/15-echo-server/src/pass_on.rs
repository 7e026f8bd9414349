//! The step that an echo consists of: read what is there, and write it back.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{self, Context, Poll};

use echo_server::activity::Activity;
use echo_server::limits::Limits;
use event_loop::Timer;
use futures::io::{AsyncRead, AsyncWrite, AsyncWriteExt};

/// The result of one step.
#[derive(Debug, PartialEq, Eq)]
pub enum Passed {
    /// The step read bytes. The peer has not taken the rest of them yet.
    Some {
        /// How many bytes were read.
        count: usize,
        /// The bytes that are still to be written.
        rest: Vec<u8>,
    },
    /// The peer has sent its end.
    End,
}

/// Reads the bytes that are there into the shared buffer, and writes back as many as the peer takes at
/// once: mostly all of them. `rest` holds those that it does not take. An empty rest owns no memory.
///
/// A step reads no more than the shared buffer holds, and the buffer is free again when this returns.
///
/// Counts the bytes that it reads with `limits.tally.received(count)`, and those that the peer takes with
/// `limits.tally.sent(count)`. It counts them also if the step ends with an error. It need not flush.
///
/// # Errors
///
/// The error of the read or of the write. A write that takes no byte is not repeated here: the step
/// returns `WriteZero`, or leaves the bytes in `rest` for [`send`] to find out.
// YOURS
#[inline(always)]
#[allow(clippy::inline_always)] // Two callers, and its result is larger than its code: 40 instructions a request less.
// YOURS_END
pub fn pass_on<S, T>(
    stream: &mut S,
    limits: &Limits<'_, T>,
    context: &mut Context<'_>,
) -> Poll<io::Result<Passed>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // YOURS
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
    // STUB: let _ = (stream, limits, context);
    // STUB: todo!("read into the shared buffer, and write back what goes at once")
    // YOURS_END
}

/// Writes the whole rest, as fast as the peer takes it. It need not flush.
///
/// Its caller has read bytes, so it notes activity at once, also for an empty rest. Whenever the peer
/// takes bytes, it notes activity again and counts them as sent, before it waits for the next write.
///
/// # Errors
///
/// The stream's error, and `WriteZero` if a write takes no byte. It does not call the stream after an
/// error.
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
    // YOURS
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
    // STUB: let _ = (stream, &mut rest, limits, activity);
    // STUB: todo!("write until nothing is left")
    // YOURS_END
}
