//! A clock that is cheap to read.
//!
//! Linux keeps the time of its last timer interrupt in memory: `CLOCK_MONOTONIC_COARSE`, see
//! `clock_gettime(2)`. To read it takes no look at the processor's counter. It moves on at each interrupt: every 4 ms
//! where the kernel was built with 250 interrupts a second. That is precise enough to find steps that take 100 ms.

use crate::Time;

/// The coarsest step that the clock of [`now`] moves by: that of a kernel with 100 interrupts a second.
pub const STEP: std::time::Duration = std::time::Duration::from_millis(10);

// ANCHOR: now
/// The coarse time. `None` if the system has no such clock, or the feature `coarse-clock` is off.
#[must_use]
#[inline]
pub fn now() -> Option<Time> {
    #[cfg(all(target_os = "linux", feature = "coarse-clock"))]
    {
        use rustix::time::{ClockId, clock_gettime};
        let now = clock_gettime(ClockId::MonotonicCoarse);
        let (seconds, nanos) = (now.tv_sec.unsigned_abs(), now.tv_nsec.unsigned_abs());
        Some(Time::of_nanos(seconds * 1_000_000_000 + nanos))
    }
    #[cfg(not(all(target_os = "linux", feature = "coarse-clock")))]
    None
}
// ANCHOR_END: now
