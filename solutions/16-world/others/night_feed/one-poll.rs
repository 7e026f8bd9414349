//! One future that polls the socket itself, without halves and without a lock.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use event_loop::{Handle, Sleep};
use futures::{Sink, Stream};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Text(String),
    Ping,
    Pong,
    Close,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Closed,
    Silent,
    Lost,
}

enum Pinging {
    Sleeps(Sleep),
    WantsRoom,
    Flushes,
}

pub async fn listen<S, E>(
    handle: &Handle,
    socket: S,
    every: Duration,
    mut on_message: impl FnMut(String),
) -> Ended
where
    S: Stream<Item = Result<Message, E>> + Sink<Message, Error = E>,
{
    let mut socket = pin!(socket);
    let mut heard = true;
    let mut pinging = Pinging::Sleeps(handle.sleep(every));
    let ended = poll_fn(|context| {
        loop {
            match socket.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(Message::Close))) => return Poll::Ready(Ended::Closed),
                Poll::Ready(Some(Ok(message))) => {
                    heard = true;
                    if let Message::Text(text) = message {
                        on_message(text);
                    }
                }
                Poll::Ready(_) => return Poll::Ready(Ended::Lost),
                Poll::Pending => break,
            }
        }
        loop {
            pinging = match &mut pinging {
                Pinging::Sleeps(sleep) => match Pin::new(sleep).poll(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(()) if !heard => return Poll::Ready(Ended::Silent),
                    Poll::Ready(()) => {
                        heard = false;
                        Pinging::WantsRoom
                    }
                },
                Pinging::WantsRoom => match socket.as_mut().poll_ready(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Err(_)) => return Poll::Ready(Ended::Lost),
                    Poll::Ready(Ok(())) => match socket.as_mut().start_send(Message::Ping) {
                        Err(_) => return Poll::Ready(Ended::Lost),
                        Ok(()) => Pinging::Flushes,
                    },
                },
                Pinging::Flushes => match socket.as_mut().poll_flush(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Err(_)) => return Poll::Ready(Ended::Lost),
                    Poll::Ready(Ok(())) => Pinging::Sleeps(handle.sleep(every)),
                },
            };
        }
    })
    .await;
    drop(pinging);
    if ended == Ended::Closed {
        let mut limit = handle.sleep(every);
        poll_fn(|context: &mut Context<'_>| {
            if socket.as_mut().poll_close(context).is_ready() {
                return Poll::Ready(());
            }
            Pin::new(&mut limit).poll(context)
        })
        .await;
    }
    ended
}
