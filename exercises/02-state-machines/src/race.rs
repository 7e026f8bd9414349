//! Two futures side by side: ready when one is.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

/// Which future was ready first, and its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Winner<A, B> {
    /// The first of the two.
    First(A),
    /// The second of the two.
    Second(B),
}

/// Waits for two futures at the same time, returns the output of the one that is ready first, and
/// drops the other.
///
/// ```
/// use state_machines::{Winner, race};
/// use std::future::{pending, ready};
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
///
/// let mut first = pin!(race(pending::<u8>(), ready("second")));
/// let mut context = Context::from_waker(Waker::noop());
/// let polled = first.as_mut().poll(&mut context);
/// assert!(matches!(polled, Poll::Ready(Winner::Second("second"))));
/// ```
///
/// Each poll of the race polls `first` and then `second`, so that either of them wakes the task that
/// polled the race last. If `first` is ready, it wins, and `second` is not polled. Both futures are
/// dropped before the race returns `Ready`. It never wakes its task itself.
///
/// # Panics
///
/// With what a future panics with. Nothing leaks then.
///
/// # Cancel safety
///
/// The race cancels the loser wherever it is suspended: the loser's own cancel safety decides what
/// is lost. Dropping the race drops both.
pub fn race<A: Future, B: Future>(first: A, second: B) -> Race<A, B> {
    todo!("keep both, and poll neither")
}

/// See [`race`].
#[must_use = "a future does nothing until it is polled"]
pub struct Race<A, B> {
    // How is the loser dropped, if it may not be moved?
    first: A,
    second: B,
}

impl<A: Future, B: Future> Future for Race<A, B> {
    type Output = Winner<A::Output, B::Output>;

    /// The caller must not poll it again after it was ready; this may panic then.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Winner<A::Output, B::Output>> {
        todo!("poll one after the other; drop the loser before you return")
    }
}
