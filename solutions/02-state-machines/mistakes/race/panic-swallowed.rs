//! Takes a panic of the first child for a loss.
use pin_project::pin_project;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Winner<A, B> {
    /// The first of the two.
    First(A),
    /// The second of the two.
    Second(B),
}

pub fn race<A: Future, B: Future>(first: A, second: B) -> Race<A, B> {
    Race {
        a: Some(Box::pin(first)),
        b: Some(Box::pin(second)),
    }
}
#[must_use = "a future does nothing until it is polled"]
pub struct Race<A, B> {
    a: Option<Pin<Box<A>>>,
    b: Option<Pin<Box<B>>>,
}
impl<A, B> Unpin for Race<A, B> {}
impl<A: Future, B: Future> Future for Race<A, B> {
    type Output = Winner<A::Output, B::Output>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            this.a.as_mut().map(|a| a.as_mut().poll(context))
        })) {
            Ok(Some(Poll::Ready(x))) => {
                this.a = None;
                this.b = None;
                return Poll::Ready(Winner::First(x));
            }
            Ok(_) => {}
            Err(_) => this.a = None,
        }
        if let Poll::Ready(y) = this.b.as_mut().expect("over").as_mut().poll(context) {
            this.a = None;
            this.b = None;
            return Poll::Ready(Winner::Second(y));
        }
        Poll::Pending
    }
}
