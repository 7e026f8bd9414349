//! Decides by a chain of `Option`s, and waits with `futures::future::select`.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;

use composition::Deadline;
use event_loop::Timer;
use futures::future::{Either, select};
use service::{Backoff, Jitter};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed<E> {
    NotDone(E),
    MaybeDone(E),
    Permanent(E),
    Cancelled,
}

#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    pub attempts: u32,
    pub deadline: Deadline,
    pub idempotent: bool,
    pub budget: Option<&'a RetryBudget>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    Cancelled,
    Permanent,
    MaybeDone,
    Attempts,
    Deadline,
    Budget,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GaveUp<E> {
    pub because: Because,
    pub attempts: u32,
    pub last: Option<Failed<E>>,
}

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
    let mut failures = Vec::with_capacity(2);
    for attempts in 1_u32.. {
        let ended = {
            let attempt = pin!(operation(attempts));
            let end = timer.sleep_until(policy.deadline.when());
            match select(attempt, end).await {
                Either::Left((result, _)) => Some(result),
                Either::Right(((), _)) => None,
            }
        };
        let stop = match ended {
            Some(Ok(value)) => {
                if let Some(budget) = policy.budget {
                    budget.succeeded();
                }
                return Ok(value);
            }
            None => Some(Because::Deadline),
            Some(Err(failed)) => {
                let why = match &failed {
                    Failed::Cancelled => Some(Because::Cancelled),
                    Failed::Permanent(_) => Some(Because::Permanent),
                    Failed::MaybeDone(_) => (!policy.idempotent).then_some(Because::MaybeDone),
                    Failed::NotDone(_) => None,
                };
                failures.clear();
                failures.push(failed);
                why.or_else(|| (attempts >= policy.attempts).then_some(Because::Attempts))
            }
        };
        let delay = match stop {
            Some(because) => Err(because),
            None => {
                let now = timer.now();
                let next = now + backoff.next_delay(now);
                let in_time = next < policy.deadline.when();
                if !in_time {
                    Err(Because::Deadline)
                } else if policy.budget.is_none_or(RetryBudget::try_take) {
                    Ok(next)
                } else {
                    Err(Because::Budget)
                }
            }
        };
        match delay {
            Ok(next) => timer.sleep_until(next).await,
            Err(because) => {
                let last = failures.pop();
                return Err(GaveUp {
                    because,
                    attempts,
                    last,
                });
            }
        }
    }
    unreachable!("a call ends before its attempts cannot be counted")
}

#[derive(Debug)]
pub struct RetryBudget {
    tenths: Cell<u64>,
    most: u64,
}

impl RetryBudget {
    #[must_use]
    pub const fn new(retries: u32) -> RetryBudget {
        let most = 10 * retries as u64;
        RetryBudget {
            tenths: Cell::new(most),
            most,
        }
    }

    #[must_use]
    pub fn try_take(&self) -> bool {
        let enough = self.tenths.get() >= 10;
        if enough {
            self.tenths.set(self.tenths.get() - 10);
        }
        enough
    }

    pub fn succeeded(&self) {
        self.tenths.set(self.most.min(self.tenths.get() + 1));
    }
}

impl<E: std::fmt::Display> std::fmt::Display for GaveUp<E> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "gave up after attempt {}: ", self.attempts)?;
        out.write_str(match self.because {
            Because::Cancelled => "it was cancelled",
            Because::Permanent => "another attempt would fail, too",
            Because::MaybeDone => "it may have been done, and is not idempotent",
            Because::Attempts => "all attempts were made",
            Because::Deadline => "the deadline is reached",
            Because::Budget => "the budget for retries is spent",
        })?;
        match &self.last {
            Some(Failed::NotDone(error) | Failed::MaybeDone(error) | Failed::Permanent(error)) => {
                write!(out, " (the last error: {error})")
            }
            _ => Ok(()),
        }
    }
}

impl<E: std::fmt::Debug + std::fmt::Display> std::error::Error for GaveUp<E> {}
