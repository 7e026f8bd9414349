//! A client that listens to a WebSocket, and pings beside that.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use async_tungstenite::tungstenite::{Error, Message};
use async_tungstenite::{WebSocketReceiver, WebSocketStream};
use event_loop::{Time, Timer};
use futures::StreamExt;
use futures::future::{Either, select};
use futures::io::{AsyncRead, AsyncWrite};

/// Why a client no longer listens.
#[derive(Debug)]
pub enum Ended {
    /// The server sent a close frame, with this code if it gave one. It was answered.
    Closed(Option<u16>),
    /// Nothing arrived for a whole interval after a ping.
    Silent,
    /// The connection failed, or ended without a close frame.
    Lost(Error),
}

/// Passes each message to `on_message` when it arrives, and pings the server once in each interval, whether messages
/// come or not. Returns when the server closes the connection, when the connection is lost, or when nothing, not
/// even a pong, arrived in a whole interval after a ping. A close is answered, within one interval or not at all.
///
/// An interval in which the ping before still waits for room has no ping of its own.
///
/// # Panics
///
/// If the interval is zero.
///
/// # Cancel safety
///
/// Dropping the future drops the connection. A message is passed on in the poll in which it arrives, or lost with the connection.
pub async fn listen<S, T>(
    socket: WebSocketStream<S>,
    timer: &T,
    every: Duration,
    mut on_message: impl FnMut(Message),
) -> Ended
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    // ANCHOR: listener
    let (mut sender, mut receiver) = socket.split();
    let heard = Cell::new(true);
    let listener = async {
        loop {
            match receiver.next().await {
                None => return Ended::Lost(Error::ConnectionClosed),
                Some(Err(error)) => return Ended::Lost(error),
                Some(Ok(Message::Close(frame))) => {
                    return Ended::Closed(frame.map(|frame| u16::from(frame.code)));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => heard.set(true),
                Some(Ok(message)) => {
                    heard.set(true);
                    on_message(message);
                }
            }
        }
    };
    // ANCHOR_END: listener
    // ANCHOR: pings
    let mut interval = Interval::new(timer, every);
    let pings = async {
        loop {
            interval.tick().await;
            // The send is kept across intervals: dropping it would lose its place.
            let mut ping = pin!(sender.send(Message::Ping(Vec::new().into())));
            loop {
                if !heard.replace(false) {
                    return Ended::Silent;
                }
                match select(ping.as_mut(), pin!(interval.tick())).await {
                    Either::Left((Ok(()), _)) => break,
                    Either::Left((Err(error), _)) => return Ended::Lost(error),
                    Either::Right(_) => {}
                }
            }
        }
    };
    let ended = match select(pin!(listener), pin!(pings)).await {
        Either::Left((ended, _)) | Either::Right((ended, _)) => ended,
    };
    // ANCHOR_END: pings
    if let Ended::Closed(_) = ended {
        answer(&mut receiver, timer, every).await;
    }
    ended
}

/// tungstenite queues its answer to a close frame, and sends it in the reads that follow.
async fn answer<S, T>(receiver: &mut WebSocketReceiver<S>, timer: &T, limit: Duration)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Timer,
{
    let rest = async { while let Some(Ok(_)) = receiver.next().await {} };
    select(pin!(rest), timer.sleep(limit)).await;
}

/// Ticks at whole intervals after it was made. Ticks for which no task waited are skipped.
struct Interval<'t, T> {
    timer: &'t T,
    every: Duration,
    next: Time,
}

impl<'t, T: Timer> Interval<'t, T> {
    fn new(timer: &'t T, every: Duration) -> Interval<'t, T> {
        assert!(!every.is_zero(), "an interval of zero has no end");
        Interval {
            timer,
            every,
            next: timer.now() + every,
        }
    }

    /// # Cancel safety
    ///
    /// A tick is used up in the poll in which it is ready.
    async fn tick(&mut self) {
        self.timer.sleep_until(self.next).await;
        while self.next <= self.timer.now() {
            self.next = self.next + self.every;
        }
    }
}
