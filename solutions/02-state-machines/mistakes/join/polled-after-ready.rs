//! Keeps the results, and polls a child again that has given one.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

/// Waits for two futures at the same time and returns both results.
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
    Join {
        first,
        second,
        results: (None, None),
    }
}

/// See [`join`].
#[must_use = "a future does nothing until it is polled"]
#[pin_project]
pub struct Join<A: Future, B: Future> {
    #[pin]
    first: A,
    #[pin]
    second: B,
    results: (Option<A::Output>, Option<B::Output>),
}

impl<A: Future, B: Future> Future for Join<A, B> {
    type Output = (A::Output, B::Output);

    /// Once it was ready, it must not be polled again.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(A::Output, B::Output)> {
        let this = self.project();
        // ANCHOR: mistake
        if let Poll::Ready(output) = this.first.poll(context) {
            this.results.0 = Some(output);
        }
        if let Poll::Ready(output) = this.second.poll(context) {
            this.results.1 = Some(output);
        }
        // ANCHOR_END: mistake
        match (this.results.0.take(), this.results.1.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            results => {
                *this.results = results;
                Poll::Pending
            }
        }
    }
}
