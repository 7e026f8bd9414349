//! Keeps the moments of all failures in a row, and notes at the connection when it will be healthy.

use std::fmt;
use std::time::Duration;

use event_loop::Time;
use service::Jitter;

/// How long the delays may be at most: the first, the second, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delays {
    /// These. The last of them stands for all that follow. An empty list stands for zero.
    Listed(&'static [Duration]),
    /// `first`, then each twice as long as the one before, and none longer than `cap`.
    Doubling {
        /// The first; the cap, if that is shorter.
        first: Duration,
        /// The longest.
        cap: Duration,
    },
}

/// Says how long to wait before the next attempt to connect: longer after each failure in a row.
///
/// A *failure* is an attempt that did not lead to a connection, or the loss of a connection. A connection
/// is *healthy* when it has stood for at least the given time, counted from the moment at which it was
/// established. The loss of a healthy connection forgets all failures before it, and is the first of a
/// new row. Nothing else forgets a failure: neither a connection that was established, nor one that was
/// lost before it was healthy, nor time without a connection.
///
/// The owner reports what happened, with the time, and sleeps itself. Times never go back.
///
/// ```
/// use std::time::Duration;
/// use event_loop::Time;
/// use service::{Backoff, Delays, NoJitter};
///
/// const SECOND: Duration = Duration::from_secs(1);
/// let delays = Delays::Doubling { first: SECOND, cap: 60 * SECOND };
/// let mut backoff = Backoff::new(delays, 10 * SECOND, NoJitter);
/// let at = |seconds| Time::START + seconds * SECOND;
///
/// assert_eq!(backoff.next_delay(at(0)), SECOND);
/// assert_eq!(backoff.next_delay(at(1)), 2 * SECOND);
/// backoff.connected(at(3));
/// assert_eq!(backoff.next_delay(at(12)), 4 * SECOND); // It stood for 9 s only.
/// backoff.connected(at(16));
/// assert_eq!(backoff.next_delay(at(26)), SECOND);
/// ```
pub struct Backoff<J> {
    delays: Delays,
    healthy: Duration,
    jitter: J,
    /// Failures in a row, each of which had its delay.
    row: Vec<Time>,
    /// From when on the connection that stands is healthy.
    healthy_at: Option<(Time, bool)>,
}

impl<J: Jitter> Backoff<J> {
    /// No failure so far, and no connection. `healthy` is how long a connection has to stand; if it is
    /// zero, every connection is healthy.
    #[must_use]
    pub const fn new(delays: Delays, healthy: Duration, jitter: J) -> Backoff<J> {
        Backoff {
            delays,
            healthy,
            jitter,
            row: Vec::new(),
            healthy_at: None,
        }
    }

    /// A connection was established at `now`. If it is called again without a loss in between, the newest
    /// call counts.
    pub fn connected(&mut self, now: Time) {
        let at = now + self.healthy;
        self.healthy_at = Some((at, (at - now) == self.healthy));
    }

    /// There was a failure at `now`: an attempt failed, or the connection that stood was lost. Returns how
    /// long to wait before the next attempt, counted from `now`.
    ///
    /// The first failure of a row allows the first of the [`Delays`], the second failure the second, and
    /// so on, for any number of failures. The jitter is asked once, with the delay that is allowed, and
    /// what it chooses is returned.
    pub fn next_delay(&mut self, now: Time) -> Duration {
        if let Some((at, possible)) = self.healthy_at.take()
            && possible
            && now >= at
        {
            self.row.clear();
        }
        self.row.push(now);
        let number = self.row.len();
        let limit = match self.delays {
            Delays::Listed([]) => Duration::ZERO,
            Delays::Listed(list) => list[number.min(list.len()) - 1],
            Delays::Doubling { first, cap } => {
                let mut delay = first.min(cap);
                for _ in 1..number {
                    if delay >= cap {
                        break;
                    }
                    delay = delay.saturating_mul(2).min(cap);
                    if delay.is_zero() {
                        break;
                    }
                }
                delay
            }
        };
        self.jitter.choose(limit)
    }
}

impl<J> fmt::Debug for Backoff<J> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Backoff")
            .field("delays", &self.delays)
            .field("healthy", &self.healthy)
            .finish_non_exhaustive()
    }
}
