//! Shares the socket in a `RefCell`, and borrows it for one poll at a time.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::time::Duration;

use event_loop::Handle;
use futures::future::{Either, select};
use futures::{Sink, SinkExt, Stream, StreamExt};
use synchronization::Mutex;

/// What goes over the connection, in both directions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Text of the application.
    Text(String),
    /// Asks for a pong.
    Ping,
    /// Answers a ping.
    Pong,
    /// The server closes the connection. The client sends none itself: closing the sink answers it.
    Close,
}

/// Why the client no longer listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The server has closed the connection.
    Closed,
    /// Nothing has arrived between two pings.
    Silent,
    /// The connection failed, or ended without a close.
    Lost,
}

/// Listens to the socket: a stream of what arrives, and a sink for what is sent.
///
/// - Each text is passed to `on_message` in the moment in which it arrives, also while a ping waits for room in the sink.
/// - The first ping is due one interval after the call, each other one an interval after the one before it was
///   flushed. What arrives changes nothing in that. A ping that waits for room is sent when there is room.
/// - When a ping is due, and nothing has arrived since the ping before was due, the result is `Silent`, and no ping is
///   sent. A text, a ping or a pong counts. Before the first ping there is none to compare with.
/// - When `Close` arrives, the sink is closed. The result is `Closed` when that has ended, however it has ended,
///   or one interval later if it has not.
/// - When the stream ends or fails, or a ping fails, the result is `Lost`. A stream that has ended or failed is not
///   polled again.
/// - With `Silent` and `Lost` the socket is dropped as it is: nothing more is sent, and the sink is not closed.
///
/// Dropping the future drops the socket, and leaves no timer and no task.
pub async fn listen<S, E>(
    handle: &Handle,
    socket: S,
    every: Duration,
    mut on_message: impl FnMut(String),
) -> Ended
where
    S: Stream<Item = Result<Message, E>> + Sink<Message, Error = E>,
{
    let socket = RefCell::new(Box::pin(socket));
    let heard = Cell::new(true);
    let listener = async {
        loop {
            let message = poll_fn(|c| socket.borrow_mut().as_mut().poll_next(c)).await;
            match message {
                Some(Ok(Message::Close)) => return Ended::Closed,
                Some(Ok(message)) => {
                    heard.set(true);
                    if let Message::Text(text) = message {
                        on_message(text);
                    }
                }
                Some(Err(_)) | None => return Ended::Lost,
            }
        }
    };
    let pings = async {
        loop {
            handle.sleep(every).await;
            if !heard.replace(false) {
                return Ended::Silent;
            }
            let sent: Result<(), E> = async {
                poll_fn(|c| socket.borrow_mut().as_mut().poll_ready(c)).await?;
                socket.borrow_mut().as_mut().start_send(Message::Ping)?;
                poll_fn(|c| socket.borrow_mut().as_mut().poll_flush(c)).await
            }
            .await;
            if sent.is_err() {
                return Ended::Lost;
            }
        }
    };
    let ended = match select(pin!(listener), pin!(pings)).await {
        Either::Left((ended, _)) | Either::Right((ended, _)) => ended,
    };
    if ended == Ended::Closed {
        let closing = poll_fn(|c| socket.borrow_mut().as_mut().poll_close(c));
        select(pin!(closing), handle.sleep(every)).await;
    }
    ended
}
