//! A limit for the number of calls in a time: a token bucket.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use event_loop::{Time, Timer};
use synchronization::Semaphore;

/// A bucket that holds up to `burst` tokens and gains one each `interval`. A call takes a token, and
/// waits until there is one.
///
/// So in any time span `d` at most `burst + d / interval` calls pass, and after a quiet time up to `burst`
/// of them pass at once. Tasks get their tokens in the order of their first polls.
///
/// Only the task whose turn it is sets a timer. It keeps the turn while it sleeps. If it is cancelled,
/// the turn goes to the next task, and no token is lost.
///
/// ```
/// use std::time::Duration;
/// use event_loop::{EventLoop, JumpingDriver};
/// use synchronization::RateLimiter;
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let timer = event_loop.handle();
/// let limiter = RateLimiter::new(timer.clone(), 2, Duration::from_millis(100));
/// event_loop.block_on(async {
///     for _ in 0..5 {
///         limiter.acquire().await;
///     }
/// });
/// assert_eq!(timer.now().since_start(), Duration::from_millis(300));
/// ```
pub struct RateLimiter<C> {
    timer: C,
    burst: u32,
    interval: Duration,
    /// One permit: that of the task whose turn it is.
    turn: Semaphore,
    /// When the bucket will be full, if no token is taken until then.
    full_at: Cell<Time>,
}

impl<C: Timer> RateLimiter<C> {
    /// A full bucket.
    ///
    /// # Panics
    ///
    /// If `burst` or `interval` is zero.
    #[must_use]
    pub fn new(timer: C, burst: u32, interval: Duration) -> RateLimiter<C> {
        assert!(burst > 0, "a bucket needs room for one token");
        assert!(!interval.is_zero(), "tokens need time to come");
        RateLimiter {
            full_at: Cell::new(timer.now()),
            timer,
            burst,
            interval,
            turn: Semaphore::new(1),
        }
    }

    /// Takes a token; waits for its turn, and then until there is one.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it has taken no token. Its turn goes to the next task.
    // ANCHOR: acquire
    pub async fn acquire(&self) {
        let turn = self.turn.acquire().await;
        let earliest = self.next_token();
        if earliest > self.timer.now() {
            self.timer.sleep_until(earliest).await;
        }
        self.take();
        drop(turn);
    }
    // ANCHOR_END: acquire

    /// Takes a token if there is one, and no task waits for it.
    #[must_use]
    pub fn try_acquire(&self) -> bool {
        let turn = self.turn.try_acquire();
        let taken = turn.is_ok() && self.next_token() <= self.timer.now();
        if taken {
            self.take();
        }
        taken
    }

    // ANCHOR: token
    /// When there is a token: one interval after the bucket is empty, and so `burst - 1` before it is
    /// full.
    fn next_token(&self) -> Time {
        let others = self.interval.saturating_mul(self.burst - 1);
        Time::after_start(self.full_at.get().since_start().saturating_sub(others))
    }

    fn take(&self) {
        let full_at = self.full_at.get().max(self.timer.now());
        self.full_at.set(full_at + self.interval);
    }
    // ANCHOR_END: token
}

impl<C> fmt::Debug for RateLimiter<C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RateLimiter")
            .field("burst", &self.burst)
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
