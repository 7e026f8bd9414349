//! The driver without sockets: it puts the thread to sleep.

use std::io;
use std::time::{Duration, Instant};

use event_loop::{Driver, Time, Unparker, coarse};

use crate::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A driver that sleeps on a condition variable, and reads the system's monotonic clock.
#[derive(Debug)]
pub struct ThreadDriver {
    start: Instant,
    signal: Arc<Signal>,
}

/// Whether an unparker was called since the last sleep.
#[derive(Debug, Default)]
struct Signal {
    unparked: Mutex<bool>,
    changed: Condvar,
}

impl ThreadDriver {
    /// A driver whose clock begins now.
    #[must_use]
    pub fn new() -> ThreadDriver {
        ThreadDriver {
            start: Instant::now(),
            signal: Arc::default(),
        }
    }
}

impl Default for ThreadDriver {
    fn default() -> ThreadDriver {
        ThreadDriver::new()
    }
}

impl Driver for ThreadDriver {
    fn now(&self) -> Time {
        Time::after_start(self.start.elapsed())
    }

    #[inline]
    fn coarse_now(&self) -> Time {
        coarse::now().unwrap_or_else(|| self.now())
    }

    #[inline]
    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        // A time-out of zero: this driver has no events to poll for.
        if timeout != Some(Duration::ZERO) {
            self.signal.sleep(timeout);
        }
        Ok(())
    }

    fn unparker(&self) -> Unparker {
        let signal = Arc::clone(&self.signal);
        Unparker::new(move || signal.wake())
    }
}

impl Signal {
    // ANCHOR: sleep
    fn sleep(&self, timeout: Option<Duration>) {
        let mut unparked = self.lock();
        if !*unparked {
            // One wait and no loop: a spurious wake is an early return.
            unparked = match timeout {
                None => (self.changed.wait(unparked)).unwrap_or_else(PoisonError::into_inner),
                Some(timeout) => {
                    let waited = self.changed.wait_timeout(unparked, timeout);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        *unparked = false;
    }
    // ANCHOR_END: sleep

    // ANCHOR: wake
    fn wake(&self) {
        *self.lock() = true;
        self.changed.notify_one();
    }
    // ANCHOR_END: wake

    fn lock(&self) -> MutexGuard<'_, bool> {
        (self.unparked.lock()).unwrap_or_else(PoisonError::into_inner)
    }
}
