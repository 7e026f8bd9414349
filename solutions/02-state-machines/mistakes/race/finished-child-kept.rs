//! Drops the loser in time, and keeps the future that has won.

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
    Race {
        first: Some(Box::pin(first)),
        second: Some(Box::pin(second)),
    }
}

/// See [`race`].
#[must_use = "a future does nothing until it is polled"]
pub struct Race<A, B> {
    first: Option<Pin<Box<A>>>,
    second: Option<Pin<Box<B>>>,
}

impl<A: Future, B: Future> Future for Race<A, B> {
    type Output = Winner<A::Output, B::Output>;

    /// The caller must not poll it again after it was ready; this may panic then.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Winner<A::Output, B::Output>> {
        let this = self.get_mut();
        let first = this
            .first
            .as_mut()
            .expect("polled after it was ready")
            .as_mut();
        let mut winner = first.poll(context).map(Winner::First);
        if winner.is_pending() {
            let second = this.second.as_mut().unwrap().as_mut();
            winner = second.poll(context).map(Winner::Second);
        }
        if winner.is_ready() {
            match &winner {
                Poll::Ready(Winner::First(_)) => this.second = None,
                _ => this.first = None,
            }
        }
        winner
    }
}
