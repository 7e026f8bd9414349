//! Two futures side by side: ready when both are.

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
    todo!("keep both, and poll neither")
}

/// See [`join`].
#[must_use = "a future does nothing until it is polled"]
pub struct Join<A: Future, B: Future> {
    // What has to be remembered of each of the two?
    first: A,
    second: B,
}

impl<A: Future, B: Future> Future for Join<A, B> {
    type Output = (A::Output, B::Output);

    /// Once it was ready, it must not be polled again.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(A::Output, B::Output)> {
        todo!("poll whoever is not done, and see whether both are")
    }
}
