//! How long a connection has been idle, without a timer for every byte.

use std::cell::Cell;
use std::time::Duration;

use event_loop::{Time, Timer};

/// When bytes were last read or taken on a connection.
#[derive(Debug)]
pub struct Activity {
    last: Cell<Time>,
}

impl Activity {
    /// Starts with a note at `now`.
    #[must_use]
    pub fn begin(now: Time) -> Activity {
        Activity {
            last: Cell::new(now),
        }
    }

    /// Notes activity at `now`. It costs one store: no timer is set or moved.
    pub fn note(&self, now: Time) {
        self.last.set(now);
    }

    /// Completes at the moment at which the last note is `limit` old: at once, if it is that old when this
    /// is first polled. [`Duration::ZERO`] completes at once, [`Duration::MAX`] never. Several tasks may wait
    /// at the same time, with different limits.
    ///
    /// It has one timer at a time, for the earliest moment at which the limit can be reached. When the
    /// timer fires and there has been a note since, it sets the next one. So a busy connection sets one
    /// timer in each `limit`, however many notes there are.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the timer.
    // YOURS
    #[allow(clippy::manual_async_fn)] // An `async fn` keeps each argument twice: as it came, and as a local variable.
    pub fn idle_for(&self, limit: Duration, timer: &impl Timer) -> impl Future<Output = ()> {
        // A `Duration` is 16 bytes, and a `Time` 8.
        let limit = Time::START + limit;
        async move {
            loop {
                let sleep = {
                    let until = self.last.get() + limit.since_start();
                    if timer.now() >= until {
                        return;
                    }
                    timer.sleep_until(until)
                };
                sleep.await;
            }
        }
    }
    // STUB: pub async fn idle_for(&self, limit: Duration, timer: &impl Timer) {
    // STUB:     let _ = (limit, timer);
    // STUB:     todo!("wait, and look whether something has happened in the meantime")
    // STUB: }
    // YOURS_END
}
