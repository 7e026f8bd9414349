//! How many restarts are too many, in which time.

// YOURS
use std::collections::VecDeque;
// YOURS_END
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
    // YOURS
    /// When there were restarts that may still count, the oldest first.
    restarts: VecDeque<Time>,
    // STUB: // Yours: what has to be remembered?
    // YOURS_END
}

impl RestartLimit {
    /// No restart so far. An intensity of zero allows none.
    #[must_use]
    pub const fn new(intensity: usize, period: Duration) -> RestartLimit {
        // YOURS
        RestartLimit {
            intensity,
            period,
            restarts: VecDeque::new(),
        }
        // STUB: RestartLimit { intensity, period }
        // YOURS_END
    }

    /// A part has to be started again at `now`. Returns whether that is allowed: whether fewer than
    /// `intensity` restarts lie less than `period` back. One that lies exactly `period` back does not
    /// count any more. Only a restart that was allowed counts from then on. Times never go back.
    ///
    /// A restart that does not count any more is forgotten, at the latest by a later call: a service runs for months.
    // ANCHOR: allows
    pub fn allows(&mut self, now: Time) -> bool {
        // YOURS
        let is_over = |restart: &Time| now.saturating_since(*restart) >= self.period;
        while self.restarts.front().is_some_and(is_over) {
            self.restarts.pop_front();
        }
        let allowed = self.restarts.len() < self.intensity;
        if allowed {
            self.restarts.push_back(now);
        }
        allowed
        // STUB: todo!("how many restarts lie less than `period` back?")
        // YOURS_END
    }
    // ANCHOR_END: allows
}
