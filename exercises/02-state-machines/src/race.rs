//! Two futures side by side: ready when one is.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

/// Who was ready, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Winner<A, B> {
    /// The first of the two.
    First(A),
    /// The second of the two.
    Second(B),
}

/// Waits for one of the two, and drops the other one.
///
/// Each of its polls goes to `first` before `second`, with the very context that comes in. So
/// `first` wins if both could be ready, and `second` is not even polled then. By the time this is
/// ready, the loser has been dropped, wherever it was.
///
/// # Cancel safety
///
/// The loser is cancelled: what it had done so far is lost with it, unless it says otherwise of
/// itself.
pub fn race<A: Future, B: Future>(first: A, second: B) -> Race<A, B> {
    todo!("keep both, and poll neither")
}

/// See [`race`].
#[must_use = "a future does nothing until it is polled"]
pub struct Race<A, B> {
    // How does the loser leave, if it may not be moved?
    first: A,
    second: B,
}

impl<A: Future, B: Future> Future for Race<A, B> {
    type Output = Winner<A::Output, B::Output>;

    /// Once it was ready, it must not be polled again.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Winner<A::Output, B::Output>> {
        todo!("poll one after the other; the loser leaves at once")
    }
}
