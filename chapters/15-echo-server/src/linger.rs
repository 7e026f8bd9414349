//! Closing so that nothing is lost which is still on its way to the peer.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Poll, ready};
use std::time::Duration;

use event_loop::Timer;
use futures::io::AsyncRead;
use state_machines::race;

use crate::activity::Activity;

/// How long a peer must have been silent to be taken for one that sends no more.
const SILENCE: Duration = Duration::from_millis(250);

/// Waits for the peer's end, or until nothing has come for a moment, and throws away what still comes.
///
/// It is for a connection whose own end has been sent while the peer goes on sending. If it is closed
/// with something unread in it, or if something comes after that, the system tells the peer "reset" in
/// place of the end; and it forgets what it still had to send, though the peer was about to take it.
///
/// `buffer` is where the bytes are put: they are nobody's.
///
/// # Cancel safety
///
/// Dropping it drops the connection where it stands.
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
