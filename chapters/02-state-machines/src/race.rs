//! Two futures side by side: ready when one is.

use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
use std::task::ready;

use pin_project::pin_project;

// STUB: use pin_project::pin_project;
// STUB:
// YOURS_END
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
    // YOURS
    Race {
        both: Some(Both { first, second }),
    }
    // STUB: todo!("keep both, and poll neither")
    // YOURS_END
}

/// See [`race`].
// ANCHOR: fields
#[must_use = "a future does nothing until it is polled"]
// YOURS
#[pin_project]
// YOURS_END
pub struct Race<A, B> {
    // YOURS
    /// Empty when one of them has won.
    #[pin]
    both: Option<Both<A, B>>,
    // STUB: // How does the loser leave, if it may not be moved?
    // STUB: first: A,
    // STUB: second: B,
    // YOURS_END
}

// YOURS
#[pin_project]
struct Both<A, B> {
    #[pin]
    first: A,
    #[pin]
    second: B,
}
// ANCHOR_END: fields

// YOURS_END
impl<A: Future, B: Future> Future for Race<A, B> {
    type Output = Winner<A::Output, B::Output>;

    /// Once it was ready, it must not be polled again.
    // ANCHOR: poll
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Winner<A::Output, B::Output>> {
        // YOURS
        let mut racing = self.project().both;
        let both = racing.as_mut().as_pin_mut();
        let both = both.expect("polled after it was ready").project();
        let winner = match both.first.poll(context) {
            Poll::Ready(output) => Winner::First(output),
            Poll::Pending => Winner::Second(ready!(both.second.poll(context))),
        };
        racing.set(None);
        Poll::Ready(winner)
        // STUB: todo!("poll one after the other; the loser leaves at once")
        // YOURS_END
    }
    // ANCHOR_END: poll
}
