//! The smallest future there is: it pauses once.

use std::pin::Pin;
use std::task::{Context, Poll};

// ANCHOR: yield_now
/// Pauses once, and is ready when it is polled again.
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
/// It holds nothing, so nothing is lost when it is dropped.
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
    /// If it is complete.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        match self.state {
            State::Created => {
                self.state = State::Paused;
                // Whoever says `Pending` has to see to it that somebody polls again: here, at once.
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
