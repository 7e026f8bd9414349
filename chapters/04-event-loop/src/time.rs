//! Moments on a loop's clock.

use std::fmt;
use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment on the clock of one driver: how long after the driver's beginning.
///
/// A real driver reads the system's monotonic clock, and a simulated one makes moments up. Therefore
/// this is not [`std::time::Instant`], which only the system can make. Moments of two drivers cannot be
/// compared.
///
/// It counts nanoseconds, and ends after 584 years: sums stop there ([`Time::END`]) and do not
/// panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time {
    nanos: u64,
}

impl Time {
    /// The driver's beginning.
    pub const START: Time = Time { nanos: 0 };

    /// The last moment: a timer for it never fires.
    pub const END: Time = Time { nanos: u64::MAX };

    /// So long after the driver's beginning.
    #[must_use]
    pub fn after_start(duration: Duration) -> Time {
        Time {
            nanos: u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX),
        }
    }

    #[cfg(all(target_os = "linux", feature = "coarse-clock"))]
    pub(crate) fn of_nanos(nanos: u64) -> Time {
        Time { nanos }
    }

    /// How long after the driver's beginning.
    #[must_use]
    pub fn since_start(self) -> Duration {
        Duration::from_nanos(self.nanos)
    }

    /// How long from `earlier` to this moment: zero if `earlier` is later.
    #[must_use]
    pub fn saturating_since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.nanos.saturating_sub(earlier.nanos))
    }
}

impl Add<Duration> for Time {
    type Output = Time;

    fn add(self, duration: Duration) -> Time {
        let more = Time::after_start(duration).nanos;
        Time {
            nanos: self.nanos.saturating_add(more),
        }
    }
}

impl Sub for Time {
    type Output = Duration;

    /// As [`saturating_since`](Time::saturating_since).
    fn sub(self, earlier: Time) -> Duration {
        self.saturating_since(earlier)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.since_start())
    }
}
