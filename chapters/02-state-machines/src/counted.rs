//! A future around another future: it is pinned itself, and has to pin the inner one.

use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
use std::task::ready;

use pin_project::pin_project;

// STUB: use pin_project::pin_project;
// STUB:
// YOURS_END
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
    // YOURS
    Counted { future, polls: 0 }
    // STUB: todo!("keep the future, and count from zero")
    // YOURS_END
}

/// See [`counted`].
// ANCHOR: body
#[must_use = "a future does nothing until it is polled"]
// YOURS
#[pin_project]
// YOURS_END
pub struct Counted<F> {
    // YOURS
    #[pin]
    future: F,
    polls: u32,
    // STUB: // Which of these fields must not move?
    // STUB: future: F,
    // YOURS_END
}

impl<F: Future> Future for Counted<F> {
    type Output = (F::Output, u32);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(F::Output, u32)> {
        // YOURS
        let this = self.project();
        *this.polls += 1;
        let output = ready!(this.future.poll(context));
        Poll::Ready((output, *this.polls))
        // STUB: todo!("count, and poll the inner future")
        // YOURS_END
    }
}
// ANCHOR_END: body
