//! Polls the sleep and the messages by hand, and computes how many periods were missed.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use event_loop::Timer;
use futures::Stream;
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
    let mut handled = 0usize;
    let mut due = timer.now() + PERIOD;
    let mut sleep = timer.sleep_until(due);
    enum What {
        Tick,
        Message(Option<u32>),
    }
    loop {
        let what = std::future::poll_fn(|cx| {
            if Pin::new(&mut sleep).poll(cx).is_ready() {
                return Poll::Ready(What::Tick);
            }
            Pin::new(&mut messages).poll_next(cx).map(What::Message)
        })
        .await;
        match what {
            What::Tick => {
                let late = timer.now() - due;
                let missed = late.as_nanos() / PERIOD.as_nanos();
                due = due + PERIOD * (missed as u32 + 1);
                sleep = timer.sleep_until(due);
                service.report(handled);
            }
            What::Message(Some(m)) => {
                service.handle(m).await;
                handled += 1;
            }
            What::Message(None) => break,
        }
    }
}
