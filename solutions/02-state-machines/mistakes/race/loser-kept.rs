//! Both are fields of the race, and stay there until the race itself is dropped.

use std::pin::Pin;
use std::task::{Context, Poll};

use std::task::ready;

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
    Race {
        first,
        second,
        complete: false,
    }
}

/// See [`race`].
#[must_use = "a future does nothing until it is polled"]
// ANCHOR: mistake
#[pin_project]
pub struct Race<A, B> {
    #[pin]
    first: A,
    #[pin]
    second: B,
    complete: bool,
}
// ANCHOR_END: mistake

impl<A: Future, B: Future> Future for Race<A, B> {
    type Output = Winner<A::Output, B::Output>;

    /// Once it was ready, it must not be polled again.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Winner<A::Output, B::Output>> {
        let this = self.project();
        assert!(!*this.complete, "polled after it was ready");
        let winner = match this.first.poll(context) {
            Poll::Ready(output) => Winner::First(output),
            Poll::Pending => Winner::Second(ready!(this.second.poll(context))),
        };
        *this.complete = true;
        Poll::Ready(winner)
    }
}
