//! A consumer of a queue, which connects again when its connection is lost.

use std::future::Future;
use std::io::{self, ErrorKind};
use std::time::Duration;

use composition::timeout;
use event_loop::{Time, Timer};
use service::{Backoff, Heard, Jitter, Pulse, heartbeat};

/// A message of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The queue's number for it.
    pub number: u64,
    /// What it says.
    pub text: String,
}

// ANCHOR: session
/// A connection to a queue that keeps each message until it is told that the message was handled.
///
/// The methods take turns at writing: a ping may be sent while another method is under way.
pub trait Session {
    /// The next message; `None` at the end of the queue.
    fn next(&self) -> impl Future<Output = io::Result<Option<Message>>>;

    /// Tells the queue that the message was handled. The queue forgets it.
    fn done(&self, message: &Message) -> impl Future<Output = io::Result<()>>;

    /// Sends a ping, and does not wait for the answer: [`next`](Session::next) hears it.
    fn ping(&self) -> impl Future<Output = io::Result<()>>;

    /// Notes everything that is received.
    fn heard(&self) -> &Heard;
}
// ANCHOR_END: session

/// What happened to a consumer's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// It begins an attempt.
    Attempts(Time),
    /// The attempt failed.
    Refused(Time),
    /// The connection was lost, and everything that belongs to it has been dropped.
    Lost(Time, Why),
    /// It waits for this long.
    Waits(Duration),
}

/// How a connection was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// By an error.
    Error(ErrorKind),
    /// The peer was silent.
    Silent,
}

/// Connects, and calls `handle` for each message, in order; tells the queue each time that it was handled. When the
/// connection is lost, or an attempt fails or takes longer than the patience, it waits as `backoff` says and connects
/// again. Returns at the end of the queue.
///
/// **At least once**: a message is told to be handled after `handle` has returned. If the connection is lost in between,
/// the queue sends the message again. So `handle` meets each message once or more, and must be idempotent.
///
/// `handle` runs beside the pings, in the same task. While it runs, nothing is heard: it has to be done within the
/// patience.
///
/// # Cancel safety
///
/// Dropping it drops the connection. A message that was being handled is sent again.
// ANCHOR: consume
pub async fn consume<T, J, S, C>(
    timer: &T,
    mut backoff: Backoff<J>,
    pulse: Pulse,
    mut connect: impl FnMut() -> C,
    mut handle: impl AsyncFnMut(&Message),
    mut observer: impl FnMut(Event),
) where
    T: Timer,
    J: Jitter,
    S: Session,
    C: Future<Output = io::Result<S>>,
{
    // ANCHOR_END: consume
    // ANCHOR: round
    loop {
        observer(Event::Attempts(timer.now()));
        match timeout(timer, pulse.patience, connect()).await {
            Ok(Ok(session)) => {
                backoff.connected(timer.now());
                let listener = listen(&session, &mut handle);
                let ping = || session.ping();
                let ended = heartbeat(timer, pulse, session.heard(), listener, ping).await;
                drop(session);
                let Some(why) = why(ended) else { return };
                observer(Event::Lost(timer.now(), why));
            }
            Ok(Err(_)) | Err(_) => observer(Event::Refused(timer.now())),
        }
        let delay = backoff.next_delay(timer.now());
        observer(Event::Waits(delay));
        timer.sleep(delay).await;
    }
}
// ANCHOR_END: round

// ANCHOR: listen
async fn listen(session: &impl Session, handle: &mut impl AsyncFnMut(&Message)) -> io::Result<()> {
    while let Some(message) = session.next().await? {
        handle(&message).await;
        session.done(&message).await?;
    }
    Ok(())
}
// ANCHOR_END: listen

/// `None` at the end of the queue.
fn why(ended: Result<io::Result<()>, service::Lost<io::Error>>) -> Option<Why> {
    match ended {
        Ok(Ok(())) => None,
        Ok(Err(error)) | Err(service::Lost::Ping(error)) => Some(Why::Error(error.kind())),
        Err(service::Lost::Silent) => Some(Why::Silent),
    }
}
