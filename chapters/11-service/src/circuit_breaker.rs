//! Calls to a service that is down fail at once.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use event_loop::{Time, Timer};

/// Lets calls through as long as they succeed. After `threshold` failures in a row it is *open*: calls fail
/// at once, without being made, for the time of `cool_down`. Then one call, the *probe*, is let through, and
/// decides.
///
/// ```text
///             threshold failures in a row                 cool_down has passed,
///   Closed ───────────────────────────────▶ Open ──────── and a call comes ──────▶ HalfOpen
///     ▲                                      ▲                                     │ │  │
///     │                                      └───────── the probe fails ───────────┘ │  │
///     │                                      └──── the probe is dropped: due at once ┘  │
///     └──────────────────────────── the probe succeeds ─────────────────────────────────┘
/// ```
///
/// - **Closed.** Every call is made. A failure counts, and a success sets the count to zero. The failure with
///   which the count reaches the threshold opens the breaker, from that moment on for `cool_down`.
/// - **Open.** Until the moment at which the time has passed, no call is made. The first call at that moment or
///   later is the probe, and the breaker is half-open.
/// - **Half-open.** No other call is made while the probe is under way. If it succeeds, the breaker is closed,
///   with a count of zero. If it fails, the breaker is open again, for `cool_down` from that moment on. If it is
///   dropped before it has ended, or panics, nothing is known: the next call is the probe.
///
/// Only the calls that were let through since the last change of state count. A call that began before it and ends
/// after it changes nothing. A call that is dropped, or panics, while the breaker is closed, counts as neither.
///
/// ```
/// use std::time::Duration;
/// use event_loop::{EventLoop, JumpingDriver};
/// use service::{BreakerState, CircuitBreaker, Refused};
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let timer = event_loop.handle();
/// let breaker = CircuitBreaker::new(timer.clone(), 1, Duration::from_secs(10));
/// event_loop.block_on(async {
///     assert_eq!(breaker.call(|| async { Err::<(), _>("down") }).await, Err(Refused::Failed("down")));
///     assert_eq!(breaker.call(|| async { Ok::<_, &str>(1) }).await, Err(Refused::Open));
///     timer.sleep(Duration::from_secs(10)).await;
///     assert_eq!(breaker.call(|| async { Ok::<_, &str>(2) }).await, Ok(2));
/// });
/// assert_eq!(breaker.state(), BreakerState::Closed);
/// ```
pub struct CircuitBreaker<T> {
    timer: T,
    threshold: u32,
    cool_down: Duration,
    // YOURS
    state: Cell<State>,
    /// How often the state has changed: a call that began under another number counts no more.
    changes: Cell<u64>,
    // STUB: // Yours: a state, and what tells a late call from one that counts.
    // YOURS_END
}

/// The state of a breaker, as it looks from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls are made.
    Closed,
    /// Calls are refused; or, after the cool-down, the next one is the probe.
    Open,
    /// The probe is under way, and other calls are refused.
    HalfOpen,
}

/// Why a call has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused<E> {
    /// It was not made: the breaker is open or half-open.
    Open,
    /// It was made, and has failed.
    Failed(E),
}
// YOURS

#[derive(Debug, Clone, Copy)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        /// From when on a call is the probe.
        until: Time,
    },
    HalfOpen,
}
// YOURS_END

impl<T: Timer> CircuitBreaker<T> {
    /// A closed breaker without failures.
    ///
    /// # Panics
    ///
    /// If `threshold` is zero.
    #[must_use]
    pub fn new(timer: T, threshold: u32, cool_down: Duration) -> CircuitBreaker<T> {
        assert!(threshold > 0, "a breaker opens after one failure or more");
        CircuitBreaker {
            timer,
            threshold,
            cool_down,
            // YOURS
            state: Cell::new(State::Closed { failures: 0 }),
            changes: Cell::new(0),
            // YOURS_END
        }
    }

    /// The state. It changes with calls only: when the cool-down has passed, it is still open, until a call comes.
    pub fn state(&self) -> BreakerState {
        // YOURS
        match self.state.get() {
            State::Closed { .. } => BreakerState::Closed,
            State::Open { .. } => BreakerState::Open,
            State::HalfOpen => BreakerState::HalfOpen,
        }
        // STUB: todo!("the state")
        // YOURS_END
    }

    /// Makes a call, if the breaker lets it through: calls `operation` and awaits what it returns. Whether it is
    /// let through is decided in the first poll. A call that is never polled changes nothing.
    ///
    /// # Errors
    ///
    /// [`Refused::Open`] if the call was not made; `operation` was not called then. [`Refused::Failed`] if it has
    /// failed.
    ///
    /// # Panics
    ///
    /// With what the operation panics with.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the operation. If it was the probe, the next call is.
    // ANCHOR: call
    pub async fn call<V, E, F>(&self, operation: impl FnOnce() -> F) -> Result<V, Refused<E>>
    where
        F: Future<Output = Result<V, E>>,
    {
        // YOURS
        let call = self.begin().ok_or(Refused::Open)?;
        let result = operation().await;
        call.ends(result.is_ok());
        result.map_err(Refused::Failed)
        // STUB: todo!("is it let through? And what does its end mean, if it has one?")
        // YOURS_END
    }
    // ANCHOR_END: call
    // YOURS

    // ANCHOR: begin
    fn begin(&self) -> Option<Call<'_, T>> {
        match self.state.get() {
            State::Closed { .. } => {}
            State::Open { until } if until <= self.timer.now() => self.change(State::HalfOpen),
            State::Open { .. } | State::HalfOpen => return None,
        }
        Some(Call {
            breaker: self,
            began_under: self.changes.get(),
        })
    }
    // ANCHOR_END: begin

    fn change(&self, state: State) {
        self.state.set(state);
        self.changes.set(self.changes.get() + 1);
    }

    fn open_until(&self, until: Time) {
        self.change(State::Open { until });
    }
    // YOURS_END
}
// YOURS

// ANCHOR: ends
/// A call that was let through and has not ended.
struct Call<'a, T: Timer> {
    breaker: &'a CircuitBreaker<T>,
    began_under: u64,
}

impl<T: Timer> Call<'_, T> {
    fn counts(&self) -> bool {
        self.began_under == self.breaker.changes.get()
    }

    fn ends(self, well: bool) {
        let breaker = self.breaker;
        if !self.counts() {
            return;
        }
        match (breaker.state.get(), well) {
            (State::Closed { .. }, true) => breaker.state.set(State::Closed { failures: 0 }),
            (State::HalfOpen, true) => breaker.change(State::Closed { failures: 0 }),
            (State::Closed { failures }, false) if failures + 1 < breaker.threshold => {
                let failures = failures + 1;
                breaker.state.set(State::Closed { failures });
            }
            (_, false) => breaker.open_until(breaker.timer.now() + breaker.cool_down),
            (State::Open { .. }, true) => {}
        }
    }
}
// ANCHOR_END: ends

// ANCHOR: drop
impl<T: Timer> Drop for Call<'_, T> {
    fn drop(&mut self) {
        // After its end a probe does not count any more: the state has changed.
        if self.counts() && matches!(self.breaker.state.get(), State::HalfOpen) {
            self.breaker.open_until(Time::START);
        }
    }
}
// ANCHOR_END: drop
// YOURS_END

impl<T> fmt::Debug for CircuitBreaker<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("CircuitBreaker")
            .field("threshold", &self.threshold)
            .field("cool_down", &self.cool_down)
            .finish_non_exhaustive()
    }
}

impl<E: fmt::Display> fmt::Display for Refused<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refused::Open => out.write_str("the circuit breaker is open"),
            Refused::Failed(error) => error.fmt(out),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for Refused<E> {}
