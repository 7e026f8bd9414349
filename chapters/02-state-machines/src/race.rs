//! Two futures side by side: ready when one is.

use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
use std::task::ready;

use pin_project::pin_project;

// STUB: use pin_project::pin_project;
// STUB:
// YOURS_END
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
    /// `None` after one of them has won.
    #[pin]
    both: Option<Both<A, B>>,
    // STUB: // How is the loser dropped, if it may not be moved?
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

    /// The caller must not poll it again after it was ready; this may panic then.
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
        // STUB: todo!("poll one after the other; drop the loser before you return")
        // YOURS_END
    }
    // ANCHOR_END: poll
}
