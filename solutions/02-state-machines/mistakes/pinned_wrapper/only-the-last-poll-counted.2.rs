//! Counts in a local variable of `poll`.

use pin_project::pin_project;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
pub fn counted<F: Future>(future: F) -> Counted<F> {
    Counted { future }
}
#[pin_project]
pub struct Counted<F> {
    #[pin]
    future: F,
}
impl<F: Future> Future for Counted<F> {
    type Output = (F::Output, u32);
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(F::Output, u32)> {
        let this = self.project();
        // ANCHOR: mistake
        let mut polls = 0;
        polls += 1;
        let out = ready!(this.future.poll(context));
        Poll::Ready((out, polls))
        // ANCHOR_END: mistake
    }
}
