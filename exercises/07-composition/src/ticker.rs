//! Debug this program.
//! A service handles messages, and reports once a second how many it has handled so far. On a quiet
//! day there is a report each second. On a busy day there are too few, and some days there is none.

use std::time::Duration;

use composition::{Winner, select};
use event_loop::Timer;
use futures::{Stream, StreamExt};

/// The time between two reports.
pub const PERIOD: Duration = Duration::from_secs(1);

/// What the service does. It is caller-supplied code.
pub trait Service {
    /// Handles one message, which may take time. Only one message may be in progress, and dropping this
    /// early loses the message.
    fn handle(&self, message: u32) -> impl Future<Output = ()>;

    /// Reports how many messages have been handled so far.
    fn report(&self, handled: usize);
}

/// Handles all messages, in order, and makes the reports. It is ready when the messages are at their
/// end.
///
/// The first report is due one [`PERIOD`] after the first poll, the second one after two, and so on,
/// however long the messages take. A due report comes before anything else: before the next message
/// is handled, and before the end of the messages is noticed. It never comes while a message is being
/// handled: then it is made when that message is finished. Reports that have become due by then are
/// made as one.
///
/// A spurious poll changes nothing. It sleeps while there is neither a message nor a due report.
pub async fn serve(
    mut messages: impl Stream<Item = u32> + Unpin,
    timer: impl Timer,
    service: impl Service,
) {
    let mut handled = 0;
    loop {
        match select(timer.sleep(PERIOD), messages.next()).biased().await {
            Winner::First(()) => service.report(handled),
            Winner::Second(Some(message)) => {
                service.handle(message).await;
                handled += 1;
            }
            Winner::Second(None) => return,
        }
    }
}
