//! Two futures side by side: ready when both are.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

/// Waits for two futures at the same time and returns both results.
///
/// ```
/// use std::future::ready;
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
///
/// let mut both = pin!(state_machines::join(ready(1), ready("two")));
/// let mut context = Context::from_waker(Waker::noop());
/// assert_eq!(both.as_mut().poll(&mut context), Poll::Ready((1, "two")));
/// ```
///
/// Each poll of the join polls each future that is not done yet once, `first` before `second`, so
/// that either of them wakes the task that polled the join last. The join keeps the result of a
/// future that is done and does not poll that future again. It never wakes its task itself.
///
/// # Panics
///
/// With what a future panics with. Nothing leaks then.
///
/// # Cancel safety
///
/// Dropping the join drops both futures. If one of them is done, its result is lost.
pub fn join<A: Future, B: Future>(first: A, second: B) -> Join<A, B> {
    todo!("keep both, and poll neither")
}

/// See [`join`].
#[must_use = "a future does nothing until it is polled"]
pub struct Join<A: Future, B: Future> {
    // What does the join keep of each of the two?
    first: A,
    second: B,
}

impl<A: Future, B: Future> Future for Join<A, B> {
    type Output = (A::Output, B::Output);

    /// The caller must not poll it again after it was ready; this may panic then.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(A::Output, B::Output)> {
        todo!("poll each future that is not done; are both done?")
    }
}
