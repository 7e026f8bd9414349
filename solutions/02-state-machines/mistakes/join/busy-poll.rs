//! Wakes its own task whenever it is pending, to be polled again.

use pin_project::pin_project;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
pub fn join<A: Future, B: Future>(first: A, second: B) -> Join<A, B> {
    Join {
        first,
        second,
        a: None,
        b: None,
    }
}
#[pin_project]
pub struct Join<A: Future, B: Future> {
    #[pin]
    first: A,
    #[pin]
    second: B,
    a: Option<A::Output>,
    b: Option<B::Output>,
}
impl<A: Future, B: Future> Future for Join<A, B> {
    type Output = (A::Output, B::Output);
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(A::Output, B::Output)> {
        let this = self.project();
        if this.a.is_none() {
            if let Poll::Ready(v) = this.first.poll(context) {
                *this.a = Some(v);
            }
        }
        if this.b.is_none() {
            if let Poll::Ready(v) = this.second.poll(context) {
                *this.b = Some(v);
            }
        }
        // ANCHOR: mistake
        if this.a.is_some() && this.b.is_some() {
            Poll::Ready((this.a.take().unwrap(), this.b.take().unwrap()))
        } else {
            context.waker().wake_by_ref();
            Poll::Pending
        }
        // ANCHOR_END: mistake
    }
}
