//! Counts how long the silence has been, and not until when it may be.

use std::cell::Cell;
use std::time::Duration;

use event_loop::{Time, Timer};

#[derive(Debug)]
pub struct Activity {
    last: Cell<Time>,
}

impl Activity {
    #[must_use]
    pub fn begin(now: Time) -> Activity {
        Activity {
            last: Cell::new(now),
        }
    }

    pub fn note(&self, now: Time) {
        self.last.set(now);
    }

    pub async fn idle_for(&self, limit: Duration, timer: &impl Timer) {
        while let Some(left) = limit
            .checked_sub(timer.now().saturating_since(self.last.get()))
            .filter(|left| !left.is_zero())
        {
            let now = timer.now();
            timer.sleep_until(now + left).await;
        }
    }
}
