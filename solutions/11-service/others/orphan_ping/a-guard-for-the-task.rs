//! A task for the pings, owned by a guard that aborts it, and a oneshot by which it tells that it has failed.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use event_loop::{Handle, JoinHandle};

pub trait Connection: 'static {
    fn next(&self) -> impl Future<Output = Option<u32>>;
    fn ping(&self) -> impl Future<Output = bool>;
}

struct Pings(JoinHandle<()>);

impl Drop for Pings {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub async fn consume<C: Connection>(
    handle: &Handle,
    every: Duration,
    mut connect: impl AsyncFnMut() -> Option<C>,
    mut on_message: impl FnMut(u32),
) {
    loop {
        let Some(connection) = connect().await.map(Rc::new) else {
            return;
        };
        let (pinged, timer) = (Rc::clone(&connection), handle.clone());
        let mut pings = Pings(handle.spawn(async move {
            timer.sleep(every).await;
            while pinged.ping().await {
                timer.sleep(every).await;
            }
        }));
        'connected: loop {
            let mut next = pin!(connection.next());
            let message = poll_fn(|context| {
                if let Poll::Ready(message) = next.as_mut().poll(context) {
                    return Poll::Ready(message);
                }
                pin!(&mut pings.0).poll(context).map(|_| None)
            });
            match message.await {
                Some(message) => on_message(message),
                None => break 'connected,
            }
        }
    }
}
