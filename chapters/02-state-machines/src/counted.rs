//! A future around another future: pinned itself, it has to hand the pin on.

use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
use std::task::ready;

use pin_project::pin_project;

// STUB: use pin_project::pin_project;
// STUB:
// YOURS_END
/// Waits for `future`, and says how often it was polled until it was ready.
///
/// It polls with the very context that comes in. The output is the future's own, and the number of
/// polls: at least 1.
///
/// # Cancel safety
///
/// That of `future`.
pub fn counted<F: Future>(future: F) -> Counted<F> {
    // YOURS
    Counted { future, polls: 0 }
    // STUB: todo!("keep the future, and count from nought")
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
    // STUB: // Which of its parts has to stay where it is?
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
        // STUB: todo!("count, and poll what is inside")
        // YOURS_END
    }
}
// ANCHOR_END: body
