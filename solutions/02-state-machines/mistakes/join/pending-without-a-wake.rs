//! Looks whether both are done, and polls them afterwards.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

/// Waits for both, and gives both results.
///
/// Each of its polls goes to every one of the two that is not done yet, `first` before `second`,
/// with the very context that comes in. One that is done is remembered, and not polled again.
///
/// # Cancel safety
///
/// If it is dropped before both are done, the result of the one that is done is lost.
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
        if let (Some(_), Some(_)) = this.results {
            let (first, second) = std::mem::take(this.results);
            return Poll::Ready((first.expect("just seen"), second.expect("just seen")));
        }
        if this.results.0.is_none()
            && let Poll::Ready(output) = this.first.poll(context)
        {
            this.results.0 = Some(output);
        }
        if this.results.1.is_none()
            && let Poll::Ready(output) = this.second.poll(context)
        {
            this.results.1 = Some(output);
        }
        Poll::Pending
        // ANCHOR_END: mistake
    }
}
