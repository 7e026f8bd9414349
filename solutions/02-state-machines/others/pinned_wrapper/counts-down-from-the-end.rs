//! Counts down from the largest number; the future stands in a layer of its own, which is pinned as a whole.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project::pin_project;

pub fn counted<F: Future>(future: F) -> Counted<F> {
    Counted {
        inside: Inside(future),
        polls_left: u32::MAX,
    }
}

/// A layer of its own, which is pinned as a whole.
#[pin_project]
struct Inside<F>(#[pin] F);

#[must_use = "a future does nothing until it is polled"]
#[pin_project]
pub struct Counted<F> {
    polls_left: u32,
    #[pin]
    inside: Inside<F>,
}

impl<F: Future> Future for Counted<F> {
    type Output = (F::Output, u32);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(F::Output, u32)> {
        let this = self.project();
        let polled = this.inside.project().0.poll(context);
        *this.polls_left -= 1;
        polled.map(|output| (output, u32::MAX - *this.polls_left))
    }
}
