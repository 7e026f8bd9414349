//! A driver whose clock jumps, for programs that print the same on every machine.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use crate::sync::Arc;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::{Driver, Time, Unparker};

/// A driver that does not sleep: it sets its clock to the end of the sleep, and returns.
///
/// It waits for time only. A loop that parks on it without a time-out and was not unparked would sleep
/// forever, so it gets an error. A clone is the same driver.
///
/// The simulated driver of the checks does the same, and can also be given events.
#[derive(Debug, Clone, Default)]
pub struct JumpingDriver {
    state: Rc<State>,
}

#[derive(Debug, Default)]
struct State {
    now: Cell<Time>,
    look: Duration,
    looks: Cell<u64>,
    sleeps: Cell<u64>,
    unparked: Arc<AtomicBool>,
}

impl JumpingDriver {
    /// A driver whose clock shows zero.
    #[must_use]
    pub fn new() -> JumpingDriver {
        JumpingDriver::default()
    }

    /// A driver on whose clock each park takes at least this long, because a poll of the operating
    /// system takes time.
    #[must_use]
    pub fn with_cost_of_a_park(look: Duration) -> JumpingDriver {
        let state = State {
            look,
            ..State::default()
        };
        JumpingDriver {
            state: Rc::new(state),
        }
    }

    /// Advances the clock, for a task that pretends to work for this long.
    pub fn spend(&self, duration: Duration) {
        self.state.now.set(self.state.now.get() + duration);
    }

    /// How often a loop has parked with a time-out of zero, only to poll for events.
    #[must_use]
    pub fn looks(&self) -> u64 {
        self.state.looks.get()
    }

    /// How often a loop has parked to sleep.
    #[must_use]
    pub fn sleeps(&self) -> u64 {
        self.state.sleeps.get()
    }
}

// ANCHOR: driver
impl Driver for JumpingDriver {
    fn now(&self) -> Time {
        self.state.now.get()
    }

    fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        let count = match timeout {
            Some(Duration::ZERO) => &self.state.looks,
            _ => &self.state.sleeps,
        };
        count.set(count.get() + 1);
        // Relaxed: no other write has to become visible with this one.
        let unparked = self.state.unparked.swap(false, Ordering::Relaxed);
        match timeout {
            Some(timeout) if !unparked => self.spend(timeout.max(self.state.look)),
            None if !unparked => return Err(io::Error::other("it would sleep forever")),
            _ => self.spend(self.state.look),
        }
        Ok(())
    }

    fn unparker(&self) -> Unparker {
        let unparked = Arc::clone(&self.state.unparked);
        Unparker::new(move || unparked.store(true, Ordering::Relaxed))
    }
}
// ANCHOR_END: driver

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_clock_jumps_to_the_end_of_a_sleep() {
        let driver = JumpingDriver::new();
        driver.park(Some(Duration::from_secs(3600))).unwrap();
        assert_eq!(driver.now().since_start(), Duration::from_secs(3600));
        assert_eq!((driver.looks(), driver.sleeps()), (0, 1));
    }

    #[test]
    fn an_unpark_before_the_park_is_remembered_once() {
        let driver = JumpingDriver::new();
        driver.unparker().unpark();
        driver.park(None).unwrap();
        assert!(driver.park(None).is_err());
        assert_eq!(driver.now(), Time::START);
    }

    #[test]
    fn a_look_may_cost_something() {
        let driver = JumpingDriver::with_cost_of_a_park(Duration::from_micros(6));
        driver.park(Some(Duration::ZERO)).unwrap();
        driver.park(Some(Duration::from_micros(10))).unwrap();
        assert_eq!(driver.now().since_start(), Duration::from_micros(16));
    }
}
