//! Boxes both futures, so that nothing is projected; an empty box stands for a future that is done.

use std::pin::Pin;
use std::task::{Context, Poll};

pub fn join<A: Future, B: Future>(first: A, second: B) -> Join<A, B> {
    Join {
        running: (Some(Box::pin(first)), Some(Box::pin(second))),
        done: (None, None),
    }
}

#[must_use = "a future does nothing until it is polled"]
pub struct Join<A: Future, B: Future> {
    running: (Option<Pin<Box<A>>>, Option<Pin<Box<B>>>),
    done: (Option<A::Output>, Option<B::Output>),
}

// The outputs are never pinned.
impl<A: Future, B: Future> Unpin for Join<A, B> {}

fn step<F: Future>(
    running: &mut Option<Pin<Box<F>>>,
    done: &mut Option<F::Output>,
    context: &mut Context<'_>,
) {
    let Some(future) = running else { return };
    if let Poll::Ready(output) = future.as_mut().poll(context) {
        *done = Some(output);
        *running = None;
    }
}

impl<A: Future, B: Future> Future for Join<A, B> {
    type Output = (A::Output, B::Output);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<(A::Output, B::Output)> {
        let Join { running, done } = self.get_mut();
        step(&mut running.0, &mut done.0, context);
        step(&mut running.1, &mut done.1, context);
        if done.0.is_none() || done.1.is_none() {
            return Poll::Pending;
        }
        Poll::Ready(done.0.take().zip(done.1.take()).expect("both are there"))
    }
}
