//! A host's clock, which need not agree with the others.

use std::time::Duration;

use event_loop::{Handle, Sleep, Time, Timer};

/// How a host's clock differs from the network's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Drift {
    /// How far it is ahead at the network's start.
    pub ahead: Duration,
    /// How many microseconds it gains in a second; negative, if it loses them. A quartz clock gains or loses
    /// some 50; the most that is simulated is half a second.
    pub gains: i32,
}

/// A clock of a host, for code that asks for a [`Timer`].
#[derive(Debug, Clone)]
pub struct Clock {
    handle: Handle,
    drift: Drift,
}

const MILLION: i128 = 1_000_000;

impl Clock {
    pub(crate) fn new(handle: Handle, drift: Drift) -> Clock {
        let gains = drift.gains.clamp(-500_000, 500_000);
        Clock {
            handle,
            drift: Drift { gains, ..drift },
        }
    }

    fn shows(&self, now: Time) -> Time {
        let nanos = now.since_start().as_nanos() as i128;
        let shown = nanos * (MILLION + i128::from(self.drift.gains)) / MILLION;
        time(shown) + self.drift.ahead
    }

    /// The network's time at which this clock shows `shown`, or just after.
    fn is_at(&self, shown: Time) -> Time {
        let nanos = shown
            .since_start()
            .saturating_sub(self.drift.ahead)
            .as_nanos() as i128;
        let rate = MILLION + i128::from(self.drift.gains);
        time((nanos * MILLION + rate - 1) / rate)
    }
}

fn time(nanos: i128) -> Time {
    Time::after_start(Duration::from_nanos(
        u64::try_from(nanos).unwrap_or(u64::MAX),
    ))
}

impl Timer for Clock {
    type Sleep = Sleep;

    fn now(&self) -> Time {
        self.shows(self.handle.now())
    }

    fn sleep_until(&self, when: Time) -> Sleep {
        self.handle.sleep_until(self.is_at(when))
    }
}
