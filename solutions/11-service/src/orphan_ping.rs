//! Debug this program.
//! A consumer listens to a connection, and pings it beside that, so that a peer that is gone is noticed.
//! When the connection is lost, it connects again. Each day its memory grows a little, and the log of the
//! server has more and more pings on connections that were closed long ago.

use std::future::Future;
// YOURS
// STUB: use std::rc::Rc;
// YOURS_END
use std::time::Duration;

// YOURS
use composition::select;
// YOURS_END
use event_loop::Handle;

/// A connection. Dropping it closes it.
pub trait Connection: 'static {
    /// The next message. `None` when the connection is lost: it must not be called again then.
    ///
    /// Not cancel safe: if its future is dropped, the message that it was receiving is lost.
    fn next(&self) -> impl Future<Output = Option<u32>>;

    /// Sends a ping. Returns `false` if the connection is lost. May take a while, and may be called while
    /// `next` waits.
    fn ping(&self) -> impl Future<Output = bool>;
}

/// Connects, passes each message to `on_message` in the moment in which it comes, and connects again at once
/// when the connection is lost. Returns when `connect` returns `None`.
///
/// - The first ping begins one interval after the connection was established, each other one an interval
///   after the one before it was sent. Messages change nothing in that.
/// - A connection is lost when `next` returns `None` or `ping` returns `false`. From then on it gets no
///   ping. It is dropped before `connect` is called again.
/// - If the future of `consume` is dropped, its connection is, and there is no further ping.
// ANCHOR: consume
pub async fn consume<C: Connection>(
    handle: &Handle,
    every: Duration,
    mut connect: impl AsyncFnMut() -> Option<C>,
    mut on_message: impl FnMut(u32),
) {
    while let Some(connection) = connect().await {
        // YOURS
        let listener = async {
            while let Some(message) = connection.next().await {
                on_message(message);
            }
        };
        let pings = async {
            loop {
                handle.sleep(every).await;
                if !connection.ping().await {
                    return;
                }
            }
        };
        select(listener, pings).biased().await;
        // STUB: let connection = Rc::new(connection);
        // STUB: let (timer, pinged) = (handle.clone(), Rc::clone(&connection));
        // STUB: let _pings = handle.spawn(async move {
        // STUB:     loop {
        // STUB:         timer.sleep(every).await;
        // STUB:         pinged.ping().await;
        // STUB:     }
        // STUB: });
        // STUB: while let Some(message) = connection.next().await {
        // STUB:     on_message(message);
        // STUB: }
        // YOURS_END
    }
}
// ANCHOR_END: consume
