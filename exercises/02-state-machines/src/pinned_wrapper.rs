//! A future around another future: pinned itself, it has to hand the pin on.

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
    todo!("keep the future, and count from nought")
}

/// See [`counted`].
#[must_use = "a future does nothing until it is polled"]
pub struct Counted<F> {
    // Which of its parts has to stay where it is?
    future: F,
}

impl<F: Future> Future for Counted<F> {
    type Output = (F::Output, u32);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(F::Output, u32)> {
        todo!("count, and poll what is inside")
    }
}
