//! Closing without losing bytes that are on their way to the peer.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;

use event_loop::Timer;
use futures::io::AsyncRead;
use state_machines::race;

use crate::activity::Activity;

/// After this time without a byte, the peer is assumed to send no more.
const SILENCE: Duration = Duration::from_millis(250);

/// Reads and discards bytes until the peer's end, or until none has arrived for 250 ms.
///
/// It is for a connection that has sent its own end while the peer still sends. If the socket is closed
/// with unread bytes, or if bytes arrive after the close, the kernel sends a reset in place of the end, and
/// discards the bytes that it had still to send to the peer.
///
/// The bytes are read into `buffer`, and ignored.
///
/// # Cancel safety
///
/// Dropping the future drops the stream.
pub async fn linger<S, T>(mut stream: S, buffer: &RefCell<Box<[u8]>>, timer: &T)
where
    S: AsyncRead + Unpin,
    T: Timer,
{
    let activity = Activity::begin(timer.now());
    let end = poll_fn(|context| {
        loop {
            let mut buffer = buffer.borrow_mut();
            match ready!(Pin::new(&mut stream).poll_read(context, &mut buffer)) {
                Ok(0) | Err(_) => return Poll::Ready(()),
                Ok(_) => activity.note(timer.now()),
            }
        }
    });
    race(end, activity.idle_for(SILENCE, timer)).await;
}
