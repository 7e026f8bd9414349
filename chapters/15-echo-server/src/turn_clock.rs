//! A clock that is read once a turn.

use std::cell::Cell;

use event_loop::{Handle, Sleep, Time, Timer};
use reactor::ReactorHandle;

/// The time at which the loop's turn began to ask for it: for whoever wants to know how long a peer has
/// been silent, a turn is an instant. Reading the clock for each message would cost more than all the
/// rest of the bookkeeping about idle connections. libuv's `uv_now` is such a clock.
///
/// Who waits for a time waits on the loop's own clock.
#[derive(Debug)]
pub struct TurnClock {
    handle: Handle,
    reactor: ReactorHandle,
    /// The turn in which it was read, and what it said.
    read: Cell<Option<(u64, Time)>>,
}

impl TurnClock {
    /// A clock for what runs on this loop, whose driver is this reactor.
    #[must_use]
    pub fn new(handle: Handle, reactor: ReactorHandle) -> TurnClock {
        TurnClock {
            handle,
            reactor,
            read: Cell::new(None),
        }
    }
}

impl Timer for TurnClock {
    type Sleep = Sleep;

    fn now(&self) -> Time {
        let turn = self.reactor.parks();
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
