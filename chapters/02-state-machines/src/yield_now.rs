//! The smallest future: it is pending once.

use std::pin::Pin;
use std::task::{Context, Poll};

// ANCHOR: yield_now
/// Pending at the first poll, ready at the second.
///
/// What `yield` is to a generator, `yield_now().await` is to an `async fn`.
///
/// ```text
///   Created ──poll──▶ Paused ──poll──▶ Complete
///             Pending          Ready(())
/// ```
///
/// # Cancel safety
///
/// Dropping it loses nothing: it holds nothing.
pub fn yield_now() -> YieldNow {
    YieldNow {
        state: State::Created,
    }
}

/// See [`yield_now`].
#[derive(Debug)]
#[must_use = "a future does nothing until it is polled"]
pub struct YieldNow {
    state: State,
}

// ANCHOR: state
#[derive(Debug)]
enum State {
    Created,
    Paused,
    Complete,
}
// ANCHOR_END: state

// ANCHOR: poll
impl Future for YieldNow {
    type Output = ();

    /// # Panics
    ///
    /// At each poll after it was ready.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.state {
            State::Created => {
                self.state = State::Paused;
                // A future that returns `Pending` must arrange a wake: this one wakes its task at once.
                context.waker().wake_by_ref();
                Poll::Pending
            }
            State::Paused => {
                self.state = State::Complete;
                Poll::Ready(())
            }
            State::Complete => panic!("polled after it was ready"),
        }
    }
}
// ANCHOR_END: poll
// ANCHOR_END: yield_now
