//! How many restarts are too many, in which time.

use std::time::Duration;

use event_loop::Time;

/// Allows `intensity` restarts in each time span of `period`.
///
/// ```
/// use std::time::Duration;
/// use event_loop::Time;
/// use service::RestartLimit;
///
/// let at = |seconds| Time::START + Duration::from_secs(seconds);
/// let mut limit = RestartLimit::new(1, Duration::from_secs(5));
/// assert!(limit.allows(at(10)));
/// assert!(!limit.allows(at(14)));
/// assert!(limit.allows(at(15)));
/// ```
#[derive(Debug)]
pub struct RestartLimit {
    intensity: usize,
    period: Duration,
    // Yours: what has to be remembered?
}

impl RestartLimit {
    /// No restart so far. An intensity of zero allows none.
    #[must_use]
    pub const fn new(intensity: usize, period: Duration) -> RestartLimit {
        RestartLimit { intensity, period }
    }

    /// A part has to be started again at `now`. Returns whether that is allowed: whether fewer than
    /// `intensity` restarts lie less than `period` back. One that lies exactly `period` back does not
    /// count any more. Only a restart that was allowed counts from then on. Times never go back.
    ///
    /// A restart that does not count any more is forgotten, at the latest by a later call: a service runs for months.
    pub fn allows(&mut self, now: Time) -> bool {
        todo!("how many restarts lie less than `period` back?")
    }
}
