//! A clock that is read once in each iteration of the loop.

use std::cell::Cell;

use event_loop::{Handle, Sleep, Time, Timer};
use reactor::network::Network;

/// The time of the first `now()` call in this iteration. Idle time-outs are seconds long, so one reading
/// in each iteration is exact enough, and it saves a clock read for each event. libuv's `uv_now` is such
/// a clock.
///
/// `sleep_until` sets a timer on the loop's own clock.
#[derive(Debug)]
pub struct TurnClock<N> {
    handle: Handle,
    network: N,
    /// The iteration of the last reading, and the time that was read.
    read: Cell<Option<(u64, Time)>>,
}

impl<N: Network> TurnClock<N> {
    /// A clock for what runs on this loop, whose driver is this network's.
    #[must_use]
    pub fn new(handle: Handle, network: N) -> TurnClock<N> {
        TurnClock {
            handle,
            network,
            read: Cell::new(None),
        }
    }
}

impl<N: Network> Timer for TurnClock<N> {
    type Sleep = Sleep;

    fn now(&self) -> Time {
        let turn = self.network.parks();
        match self.read.get() {
            Some((read, now)) if read == turn => now,
            _ => {
                let now = self.handle.now();
                self.read.set(Some((turn, now)));
                now
            }
        }
    }

    fn sleep_until(&self, when: Time) -> Sleep {
        self.handle.sleep_until(when)
    }
}
