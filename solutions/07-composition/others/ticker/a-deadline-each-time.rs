//! Makes a sleep until the due time in each iteration, and looks at the clock first.

use std::time::Duration;

use composition::{Winner, select};
use event_loop::Timer;
use futures::{Stream, StreamExt};
pub const PERIOD: Duration = Duration::from_secs(1);
pub trait Service {
    fn handle(&self, message: u32) -> impl Future<Output = ()>;
    fn report(&self, handled: usize);
}
pub async fn serve(
    mut messages: impl Stream<Item = u32> + Unpin,
    timer: impl Timer,
    service: impl Service,
) {
    let start = timer.now();
    let (mut handled, mut reports) = (0, 1);
    loop {
        let due = start + PERIOD * reports;
        if timer.now() >= due {
            service.report(handled);
            while start + PERIOD * reports <= timer.now() {
                reports += 1;
            }
            continue;
        }
        match select(timer.sleep_until(due), messages.next())
            .biased()
            .await
        {
            Winner::First(()) => {}
            Winner::Second(None) => return,
            Winner::Second(Some(message)) => {
                service.handle(message).await;
                handled += 1;
            }
        }
    }
}
