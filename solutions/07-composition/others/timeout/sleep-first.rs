//! Polls the sleep first, and still lets the future decide.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use composition::{Deadline, Elapsed};
use event_loop::Timer;
use pin_project::pin_project;

/// Waits for `future` for at most `duration`, counted from this call. See [`timeout_at`].
pub fn timeout<T, F>(timer: &T, duration: Duration, future: F) -> Timeout<T::Sleep, F>
where
    T: Timer,
    F: Future,
{
    timeout_at(timer, timer.now() + duration, future)
}

/// Waits for `future` until a deadline passes. The result is `Ok` with the output of the future, or
/// `Err(Elapsed)` with this very deadline.
///
/// Each poll polls the future once. So a future that is ready in the poll in which the deadline has
/// passed wins: its output is never thrown away. This holds for the first poll, too: a future that
/// is ready at once succeeds even if the deadline is zero or lies in the past.
///
/// The deadline has passed when a sleep of `timer` until then is ready. Each poll that returns
/// `Pending` leaves the waker of its task with the future and with the sleep. The time-out never
/// wakes its task itself.
///
/// Before it returns `Ready`, both the future and the sleep are dropped.
///
/// # Panics
///
/// With what the future panics with. Nothing leaks then.
///
/// # Cancel safety
///
/// `Elapsed` cancels the future wherever it is suspended: the future's own cancel safety decides
/// what is lost. Pass `&mut future` to go on with it afterwards. Dropping the time-out drops the
/// future and removes the timer.
pub fn timeout_at<T, F>(timer: &T, deadline: impl Into<Deadline>, future: F) -> Timeout<T::Sleep, F>
where
    T: Timer,
    F: Future,
{
    let deadline = deadline.into();
    Timeout {
        future: Some(Box::pin(future)),
        sleep: Some(timer.sleep_until(deadline.when())),
        deadline,
    }
}

/// See [`timeout`] and [`timeout_at`].
#[must_use = "a future does nothing unless it is polled"]
#[pin_project]
pub struct Timeout<S, F> {
    future: Option<Pin<Box<F>>>,
    sleep: Option<S>,
    deadline: Deadline,
}

impl<S, F> Future for Timeout<S, F>
where
    S: Future<Output = ()> + Unpin,
    F: Future,
{
    type Output = Result<F::Output, Elapsed>;

    /// The caller must not poll it again after it was ready; this may panic then.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let late = Pin::new(this.sleep.as_mut().unwrap())
            .poll(context)
            .is_ready();
        let value = this.future.as_mut().unwrap().as_mut().poll(context);
        if value.is_pending() && !late {
            return Poll::Pending;
        }
        drop((this.future.take(), this.sleep.take()));
        Poll::Ready(match value {
            Poll::Ready(v) => Ok(v),
            Poll::Pending => Err(Elapsed::new(*this.deadline)),
        })
    }
}

impl<S, F> std::fmt::Debug for Timeout<S, F> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = out.debug_struct("Timeout");
        out.field("deadline", &self.deadline).finish()
    }
}
