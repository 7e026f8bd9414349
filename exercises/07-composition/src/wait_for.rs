//! A wait that ends with a value, at a deadline, or with a request to stop.

use std::error::Error;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use composition::{Deadline, Elapsed, Request, Requests};
use event_loop::Timer;

/// Why a wait ended without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The time was up.
    Elapsed(Elapsed),
    /// The task was asked to stop, and this wait took the request.
    Cancelled(Request),
}

/// Waits for `future` for at most `duration`, counted from the first poll, and not longer than until
/// the task is asked to stop. This is asyncio's `wait_for` together with the `CancelledError` that
/// `Task.cancel()` raises in it.
///
/// Several things may have happened before one poll. Then the first of these decides:
///
/// 1. A value that is ready: `Ok`.
/// 2. A request to stop: `Cancelled`, with the oldest request.
/// 3. The deadline: `Elapsed`.
///
/// Each request is delivered once. The call takes one if it returns `Cancelled`, and none
/// otherwise: the next wait of the task finds it. Before the call returns, the future and the timer
/// are dropped.
///
/// ```
/// use composition::{Requests, wait_for};
/// use event_loop::{EventLoop, JumpingDriver};
/// use std::future::pending;
/// use std::time::Duration;
///
/// let event_loop = EventLoop::with_driver(JumpingDriver::new());
/// let (handle, requests) = (event_loop.handle(), Requests::new());
/// requests.push("shutdown");
/// let waits = wait_for(&handle, Duration::from_secs(1), &requests, pending::<()>());
/// let stopped = event_loop.block_on(waits).unwrap_err();
/// assert_eq!(stopped.to_string(), "cancelled: shutdown");
/// ```
///
/// # Cancel safety
///
/// Dropping it drops the future and the timer, and takes no request.
pub async fn wait_for<T, F>(
    timer: &T,
    duration: Duration,
    requests: &Requests,
    future: F,
) -> Result<F::Output, Stopped>
where
    T: Timer,
    F: Future,
{
    let deadline = Deadline::at(timer.now() + duration);
    let mut sleep = timer.sleep_until(deadline.when());
    let mut request = requests.next();
    let mut future = pin!(future);
    poll_fn(|context| {
        let stop = Pin::new(&mut request).poll(context);
        let elapsed = Pin::new(&mut sleep).poll(context);
        // A value that has arrived must not be lost.
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Ok(value));
        }
        if elapsed.is_ready() {
            return Poll::Ready(Err(Stopped::Elapsed(Elapsed::new(deadline))));
        }
        stop.map(|request| Err(Stopped::Cancelled(request)))
    })
    .await
}

impl fmt::Display for Stopped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Stopped::Elapsed(elapsed) => elapsed.fmt(out),
            Stopped::Cancelled(request) => write!(out, "cancelled: {request}"),
        }
    }
}

impl Error for Stopped {}
