//! Chance in a delay, so that many clients do not come back at the same moment.

use std::fmt;
use std::time::Duration;

/// Chooses a delay, given the longest one that is allowed.
pub trait Jitter {
    /// A duration from zero to `limit`; both may come out.
    fn choose(&mut self, limit: Duration) -> Duration;
}

/// No chance: the delay is always the longest one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoJitter;

impl Jitter for NoJitter {
    fn choose(&mut self, limit: Duration) -> Duration {
        limit
    }
}

/// *Full jitter*: each duration from zero to the limit is equally likely.
///
/// ```
/// use service::{FullJitter, Jitter};
/// use std::time::Duration;
///
/// let limit = Duration::from_secs(8);
/// let mut first = FullJitter::seeded(7);
/// let mut second = FullJitter::seeded(7);
/// let delay = first.choose(limit);
/// assert!(delay <= limit);
/// assert_eq!(delay, second.choose(limit)); // The same seed, the same delays.
/// ```
#[derive(Clone)]
pub struct FullJitter {
    random: fastrand::Rng,
}

impl FullJitter {
    /// The delays of this seed. Each client needs a seed of its own: clients with the same seed come back
    /// at the same moments.
    #[must_use]
    pub fn seeded(seed: u64) -> FullJitter {
        FullJitter {
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// Delays that differ from one run of the program to the next.
    #[must_use]
    pub fn new() -> FullJitter {
        FullJitter::seeded(fastrand::u64(..))
    }
}

impl Jitter for FullJitter {
    fn choose(&mut self, limit: Duration) -> Duration {
        // Longer limits than 584 years count as 584 years.
        let nanos = u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(self.random.u64(0..=nanos))
    }
}

impl Default for FullJitter {
    fn default() -> FullJitter {
        FullJitter::new()
    }
}

impl fmt::Debug for FullJitter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("FullJitter").finish_non_exhaustive()
    }
}
