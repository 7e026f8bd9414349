//! Asks for more than the limit, and sleeps until just that.
//!
//! How long nothing has happened, without a timer for every byte.

use std::cell::Cell;
use std::time::Duration;

use event_loop::{Time, Timer};

/// When something happened last.
#[derive(Debug)]
pub struct Activity {
    last: Cell<Time>,
}

impl Activity {
    /// Something happens now.
    #[must_use]
    pub fn begin(now: Time) -> Activity {
        Activity {
            last: Cell::new(now),
        }
    }

    /// Something happens now. It costs one store: no timer is set or moved.
    pub fn note(&self, now: Time) {
        self.last.set(now);
    }

    /// Waits until nothing has happened for so long.
    ///
    /// One timer, for the earliest moment at which that can be; when it fires, and something has happened
    /// in the meantime, it is set anew. So a busy connection sets one timer in each `limit`, whatever
    /// goes through it.
    ///
    /// # Cancel safety
    ///
    /// Dropping it takes the timer back.
    pub async fn idle_for(&self, limit: Duration, timer: &impl Timer) {
        loop {
            let until = self.last.get() + limit;
            // ANCHOR: mistake
            if timer.now() > until {
                // ANCHOR_END: mistake
                return;
            }
            timer.sleep_until(until).await;
        }
    }
}
