//! A future around another future: it is pinned itself, and has to pin the inner one.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

/// Waits for `future` and counts the polls that it needs.
///
/// Each poll of the wrapper polls `future` once, so that `future` wakes the task that polled the
/// wrapper last. The output is that of `future` and the number of polls: at least 1. The wrapper
/// never wakes its task itself.
///
/// # Cancel safety
///
/// That of `future`: dropping the wrapper drops it.
pub fn counted<F: Future>(future: F) -> Counted<F> {
    todo!("keep the future, and count from zero")
}

/// See [`counted`].
#[must_use = "a future does nothing until it is polled"]
pub struct Counted<F> {
    // Which of these fields must not move?
    future: F,
}

impl<F: Future> Future for Counted<F> {
    type Output = (F::Output, u32);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(F::Output, u32)> {
        todo!("count, and poll the inner future")
    }
}
