//! Polls what is inside until it is ready, within one poll.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

/// Waits for `future`, and says how often it was polled until it was ready.
///
/// It polls with the very context that comes in. The output is the future's own, and the number of
/// polls: at least 1.
///
/// # Cancel safety
///
/// That of `future`.
pub fn counted<F: Future>(future: F) -> Counted<F> {
    Counted { future, polls: 0 }
}

/// See [`counted`].
#[must_use = "a future does nothing until it is polled"]
#[pin_project]
pub struct Counted<F> {
    #[pin]
    future: F,
    polls: u32,
}

impl<F: Future> Future for Counted<F> {
    type Output = (F::Output, u32);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(F::Output, u32)> {
        // ANCHOR: mistake
        let mut this = self.project();
        loop {
            *this.polls += 1;
            if let Poll::Ready(output) = this.future.as_mut().poll(context) {
                return Poll::Ready((output, *this.polls));
            }
        }
        // ANCHOR_END: mistake
    }
}
