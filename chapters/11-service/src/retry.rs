//! Trying an operation again, if that can help and does no harm.

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;

// YOURS
use composition::{Deadline, timeout_at};
// STUB: // `composition::timeout_at(timer, deadline, future)` is yours to use.
// STUB: use composition::Deadline;
// YOURS_END
use event_loop::Timer;
use service::{Backoff, Jitter};

/// How an attempt failed, and so: whether another one can help, and whether it can do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed<E> {
    /// The request was certainly not carried out: the connection was refused, or the server was too busy.
    /// Another attempt does no harm.
    NotDone(E),
    /// The request was sent, and no answer came: it may have been carried out. Another attempt carries
    /// it out twice, unless it is *idempotent*.
    MaybeDone(E),
    /// Another attempt would fail in the same way: the request is wrong, or not allowed.
    Permanent(E),
    /// The operation was cancelled while it ran: its caller does not want it any more.
    Cancelled,
}

/// When to stop trying.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// How many attempts there may be, the first one included. Zero counts as one.
    pub attempts: u32,
    /// No attempt begins at this moment or later, but for the first. One that is under way then is
    /// dropped.
    pub deadline: Deadline,
    /// Whether carrying the request out twice is the same as carrying it out once.
    pub idempotent: bool,
    /// What all calls to the same server may spend on retries together.
    pub budget: Option<&'a RetryBudget>,
}

/// Why there was no further attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// The operation was cancelled.
    Cancelled,
    /// The failure is permanent.
    Permanent,
    /// The request may have been carried out, and is not idempotent.
    MaybeDone,
    /// All attempts were made.
    Attempts,
    /// The deadline has passed, or the next attempt would begin at the deadline or after it.
    Deadline,
    /// The budget is spent.
    Budget,
}

/// All attempts that were made have failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GaveUp<E> {
    /// Why there was no further attempt.
    pub because: Because,
    /// How many attempts began.
    pub attempts: u32,
    /// The failure of the newest attempt that has failed. `None` if none has: the deadline passed during
    /// the first.
    pub last: Option<Failed<E>>,
}

/// Calls `operation` and awaits what it returns, and does so again as long as that can help and does no
/// harm. The argument of `operation` is the number of the attempt, from 1. One attempt at most is under
/// way at any time, and one that has ended is dropped before the next delay begins.
///
/// The first attempt begins in the first poll, under every policy. After a failure there is no
/// further attempt
///
/// 1. if the operation was cancelled, or the failure is permanent;
/// 2. if the request may have been carried out, and is not idempotent;
/// 3. if all attempts were made;
/// 4. if the next attempt would begin at the deadline or after it: `backoff` is asked for the delay once,
///    at the moment of the failure, and there is no sleep that cannot help;
/// 5. if the budget has nothing left. A retry takes its part of it before the delay, and only if none of
///    the above holds.
///
/// The first of these that holds is the reason that is returned. If none holds, it sleeps for the delay
/// and makes the next attempt. It never calls [`Backoff::connected`]. A success is told to the budget.
///
/// An attempt that is under way when the deadline passes is dropped. If it is ready in that very poll, its
/// result counts: a success is returned. The rules hold for a failure, too.
///
/// # Errors
///
/// [`GaveUp`], with the reason.
///
/// # Panics
///
/// With what the operation panics with. That is no failure, and is not tried again.
///
/// # Cancel safety
///
/// Dropping it drops the attempt that is under way, or the sleep, and makes no further attempt.
// ANCHOR: retry
pub async fn retry<T, J, V, E, F>(
    timer: &T,
    policy: Policy<'_>,
    mut backoff: Backoff<J>,
    mut operation: impl FnMut(u32) -> F,
) -> Result<V, GaveUp<E>>
where
    T: Timer,
    J: Jitter,
    F: Future<Output = Result<V, Failed<E>>>,
{
    // YOURS
    // ANCHOR_END: retry
    // ANCHOR: attempt
    let mut attempts = 0;
    let mut last = None;
    loop {
        attempts += 1;
        let attempt = operation(attempts);
        let failed = match timeout_at(timer, policy.deadline, attempt).await {
            Ok(Ok(value)) => {
                policy.budget.inspect(|budget| budget.succeeded());
                return Ok(value);
            }
            Ok(Err(failed)) => failed,
            Err(_elapsed) => {
                let because = Because::Deadline;
                return Err(GaveUp {
                    because,
                    attempts,
                    last,
                });
            }
        };
        // ANCHOR_END: attempt
        // ANCHOR: then
        let when = timer.now();
        let next = policy.after(&failed, attempts, || when + backoff.next_delay(when));
        last = Some(failed);
        match next {
            Ok(next) => timer.sleep_until(next).await,
            Err(because) => {
                return Err(GaveUp {
                    because,
                    attempts,
                    last,
                });
            }
        }
    }
    // STUB: todo!("attempt, and after a failure: which reason is there to stop?")
    // YOURS_END
}
// ANCHOR_END: then
// YOURS

impl Policy<'_> {
    // ANCHOR: after
    /// When the next attempt begins, or why there is none.
    fn after<E>(
        &self,
        failed: &Failed<E>,
        attempts: u32,
        next: impl FnOnce() -> event_loop::Time,
    ) -> Result<event_loop::Time, Because> {
        match failed {
            Failed::Cancelled => return Err(Because::Cancelled),
            Failed::Permanent(_) => return Err(Because::Permanent),
            Failed::MaybeDone(_) if !self.idempotent => return Err(Because::MaybeDone),
            Failed::MaybeDone(_) | Failed::NotDone(_) => {}
        }
        if attempts >= self.attempts {
            return Err(Because::Attempts);
        }
        let next = next();
        if next >= self.deadline.when() {
            return Err(Because::Deadline);
        }
        if self.budget.is_some_and(|budget| !budget.try_take()) {
            return Err(Because::Budget);
        }
        Ok(next)
    }
    // ANCHOR_END: after
}
// YOURS_END

/// What all calls to one server may spend on retries: a retry takes a token, and ten calls that succeed
/// bring one.
///
/// Without it, each of three attempts of each of a thousand calls reaches a server that is down: three times
/// the load that it had when it was well.
///
/// ```
/// use service::RetryBudget;
///
/// let budget = RetryBudget::new(1);
/// assert!(budget.try_take());
/// assert!(!budget.try_take());
/// for _ in 0..10 {
///     budget.succeeded();
/// }
/// assert!(budget.try_take());
/// ```
#[derive(Debug)]
pub struct RetryBudget {
    tenths: Cell<u64>,
    most: u64,
}

impl RetryBudget {
    /// A full budget of this many retries.
    #[must_use]
    pub const fn new(retries: u32) -> RetryBudget {
        let most = 10 * retries as u64;
        RetryBudget {
            tenths: Cell::new(most),
            most,
        }
    }

    /// Takes a retry out of the budget. Returns `false` if there is none left.
    #[must_use]
    pub fn try_take(&self) -> bool {
        let left = self.tenths.get().checked_sub(10);
        left.inspect(|left| self.tenths.set(*left)).is_some()
    }

    /// A call has succeeded: a tenth of a retry more, up to the full budget.
    pub fn succeeded(&self) {
        self.tenths.set(self.most.min(self.tenths.get() + 1));
    }
}

impl<E: fmt::Display> fmt::Display for GaveUp<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let because = match self.because {
            Because::Cancelled => "it was cancelled",
            Because::Permanent => "another attempt would fail, too",
            Because::MaybeDone => "it may have been done, and is not idempotent",
            Because::Attempts => "all attempts were made",
            Because::Deadline => "the deadline is reached",
            Because::Budget => "the budget for retries is spent",
        };
        write!(out, "gave up after attempt {}: {because}", self.attempts)?;
        match &self.last {
            Some(Failed::NotDone(error) | Failed::MaybeDone(error) | Failed::Permanent(error)) => {
                write!(out, " (the last error: {error})")
            }
            Some(Failed::Cancelled) | None => Ok(()),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for GaveUp<E> {}
