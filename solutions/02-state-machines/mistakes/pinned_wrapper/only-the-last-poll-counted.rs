//! Counts behind `ready!`, which polls that are pending do not pass.

use pin_project::pin_project;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
pub fn counted<F: Future>(future: F) -> Counted<F> {
    Counted { future, polls: 0 }
}
#[pin_project]
pub struct Counted<F> {
    #[pin]
    future: F,
    polls: u32,
}
impl<F: Future> Future for Counted<F> {
    type Output = (F::Output, u32);
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(F::Output, u32)> {
        let this = self.project();
        // ANCHOR: mistake
        let out = ready!(this.future.poll(context));
        *this.polls += 1;
        Poll::Ready((out, *this.polls))
        // ANCHOR_END: mistake
    }
}
