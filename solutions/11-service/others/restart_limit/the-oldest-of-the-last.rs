//! Looks at the oldest of the last restarts, and only when there are as many as are allowed.

use std::collections::VecDeque;
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
    /// When there were restarts that may still count, the oldest first.
    restarts: VecDeque<Time>,
}

impl RestartLimit {
    /// No restart so far. An intensity of zero allows none.
    #[must_use]
    pub const fn new(intensity: usize, period: Duration) -> RestartLimit {
        RestartLimit {
            intensity,
            period,
            restarts: VecDeque::new(),
        }
    }

    /// A part has to be started again at `now`. Returns whether that is allowed: whether fewer than
    /// `intensity` restarts lie less than `period` back. One that lies exactly `period` back does not
    /// count any more. Only a restart that was allowed counts from then on. Times never go back.
    pub fn allows(&mut self, now: Time) -> bool {
        if self.intensity == 0 {
            return false;
        }
        if self.restarts.len() == self.intensity {
            let oldest = self.restarts[0];
            if now - oldest < self.period {
                return false;
            }
            self.restarts.pop_front();
        }
        self.restarts.push_back(now);
        true
    }
}
