//! What `NOTIFY` sends, as a stream.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::Stream;
use futures::future::LocalBoxFuture;
use synchronization::broadcast::{Receiver, RecvError};

use super::client::Client;
use super::shared::Notification;

/// The notifications of one channel. The stream ends when the connection is lost.
///
/// It keeps the connection open. The connection keeps the last 1,024 notifications; a stream that is slower yields
/// [`Missed`] in their place.
pub struct Notifications {
    channel: String,
    /// `None` after the end.
    next: Option<LocalBoxFuture<'static, Received>>,
    _keeps_open: Client,
}

/// The stream was too slow, and this many notifications of the connection are lost to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed(pub u64);

type Received = (Receiver<Notification>, Result<Notification, RecvError>);

async fn receive(mut receiver: Receiver<Notification>) -> Received {
    let received = receiver.recv().await;
    (receiver, received)
}

impl Notifications {
    pub(super) fn new(
        receiver: Receiver<Notification>,
        channel: &str,
        client: Client,
    ) -> Notifications {
        Notifications {
            channel: channel.to_owned(),
            next: Some(Box::pin(receive(receiver))),
            _keeps_open: client,
        }
    }
}

impl Stream for Notifications {
    type Item = Result<Notification, Missed>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(next) = &mut self.next else {
                return Poll::Ready(None);
            };
            let (receiver, received) = ready!(next.as_mut().poll(context));
            if received == Err(RecvError::Closed) {
                self.next = None;
                continue;
            }
            self.next = Some(Box::pin(receive(receiver)));
            match received {
                Ok(notification) if notification.channel != self.channel => {}
                Ok(notification) => return Poll::Ready(Some(Ok(notification))),
                Err(RecvError::Lagged(missed)) => return Poll::Ready(Some(Err(Missed(missed)))),
                Err(RecvError::Closed) => unreachable!("handled above"),
            }
        }
    }
}

impl fmt::Debug for Notifications {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Notifications")
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}
