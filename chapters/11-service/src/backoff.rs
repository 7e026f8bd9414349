//! How long to wait before the next attempt to connect.

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
    // YOURS
    /// Failures in a row, each of which had its delay.
    failures: u32,
    /// When the connection that stands was established.
    connected: Option<Time>,
    // STUB: // Yours: what has to be remembered between two calls?
    // YOURS_END
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
            // YOURS
            failures: 0,
            connected: None,
            // YOURS_END
        }
    }

    /// A connection was established at `now`. If it is called again without a loss in between, the newest
    /// call counts.
    // ANCHOR: calls
    pub fn connected(&mut self, now: Time) {
        // YOURS
        self.connected = Some(now);
        // STUB: todo!("remember it")
        // YOURS_END
    }

    /// There was a failure at `now`: an attempt failed, or the connection that stood was lost. Returns how
    /// long to wait before the next attempt, counted from `now`.
    ///
    /// The first failure of a row allows the first of the [`Delays`], the second failure the second, and
    /// so on, for any number of failures. The jitter is asked once, with the delay that is allowed, and
    /// what it chooses is returned.
    pub fn next_delay(&mut self, now: Time) -> Duration {
        // YOURS
        let since = self.connected.take();
        if since.is_some_and(|since| now.saturating_since(since) >= self.healthy) {
            self.failures = 0;
        }
        let limit = self.delays.after(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.jitter.choose(limit)
        // STUB: todo!("was it a failure? How many in a row are there now?")
        // YOURS_END
    }
    // ANCHOR_END: calls
}
// YOURS

impl Delays {
    // ANCHOR: after
    /// The longest delay that is allowed after this many others.
    fn after(self, others: u32) -> Duration {
        match self {
            Delays::Listed(list) => {
                let place = usize::try_from(others).unwrap_or(usize::MAX);
                let last = list.last().copied().unwrap_or_default();
                list.get(place).copied().unwrap_or(last)
            }
            Delays::Doubling { first, cap } => {
                // Even a nanosecond is longer than any cap after 94 doublings.
                let doubled = (0..others.min(94)).fold(first, |delay, _| delay.saturating_mul(2));
                doubled.min(cap)
            }
        }
    }
    // ANCHOR_END: after
}
// YOURS_END

impl<J> fmt::Debug for Backoff<J> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Backoff")
            .field("delays", &self.delays)
            .field("healthy", &self.healthy)
            .finish_non_exhaustive()
    }
}
