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
    pub async fn idle_for(&self, limit: Duration, timer: &impl Timer) {
        let _ = (limit, timer);
        todo!("wait, and look whether something has happened in the meantime")
    }
}
