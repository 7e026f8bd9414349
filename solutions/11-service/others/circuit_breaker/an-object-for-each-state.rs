//! Each state is an object of its own, and a call holds the one under which it began.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::rc::Rc;
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
    /// Each state is an object of its own; a call holds the one under which it began.
    state: std::cell::RefCell<std::rc::Rc<Era>>,
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

struct Era {
    failures: Cell<u32>,
    open_until: Option<Time>,
    probing: bool,
}

impl Era {
    fn closed() -> Era {
        Era {
            failures: Cell::new(0),
            open_until: None,
            probing: false,
        }
    }
}

struct Pass<F: FnMut()> {
    on_drop: F,
}
impl<F: FnMut()> Drop for Pass<F> {
    fn drop(&mut self) {
        (self.on_drop)();
    }
}

impl<T: Timer> CircuitBreaker<T> {
    #[must_use]
    pub fn new(timer: T, threshold: u32, cool_down: Duration) -> CircuitBreaker<T> {
        assert!(threshold > 0, "a breaker opens after one failure or more");
        CircuitBreaker {
            timer,
            threshold,
            cool_down,
            state: std::cell::RefCell::new(Rc::new(Era::closed())),
        }
    }
    pub fn state(&self) -> BreakerState {
        let era = self.state.borrow();
        if era.probing {
            BreakerState::HalfOpen
        } else if era.open_until.is_some() {
            BreakerState::Open
        } else {
            BreakerState::Closed
        }
    }
    fn enter(&self, era: Era) -> Rc<Era> {
        let era = Rc::new(era);
        self.state.replace(Rc::clone(&era));
        era
    }
    pub async fn call<V, E, F>(&self, operation: impl FnOnce() -> F) -> Result<V, Refused<E>>
    where
        F: Future<Output = Result<V, E>>,
    {
        let mut era = self.state.borrow().clone();
        if era.probing {
            return Err(Refused::Open);
        }
        if let Some(until) = era.open_until {
            if self.timer.now() < until {
                return Err(Refused::Open);
            }
            era = self.enter(Era {
                failures: Cell::new(0),
                open_until: None,
                probing: true,
            });
        }
        let mine = Rc::clone(&era);
        let _pass = Pass {
            on_drop: move || {
                let current = self.state.borrow().clone();
                if Rc::ptr_eq(&current, &mine) && mine.probing {
                    self.enter(Era {
                        failures: Cell::new(0),
                        open_until: Some(Time::START),
                        probing: false,
                    });
                }
            },
        };
        let result = operation().await;
        let current = self.state.borrow().clone();
        if Rc::ptr_eq(&current, &era) {
            match &result {
                Ok(_) if era.probing => {
                    self.enter(Era::closed());
                }
                Ok(_) => era.failures.set(0),
                Err(_) => {
                    era.failures.set(era.failures.get().saturating_add(1));
                    if era.probing || era.failures.get() >= self.threshold {
                        self.enter(Era {
                            failures: Cell::new(0),
                            open_until: Some(self.timer.now() + self.cool_down),
                            probing: false,
                        });
                    }
                }
            }
        }
        result.map_err(Refused::Failed)
    }
}
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
