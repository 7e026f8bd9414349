//! Looks through the list of those that are done for each future.
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

pub fn join_all<F: Future>(futures: Vec<F>) -> JoinAll<F> {
    JoinAll {
        going: futures.into_iter().map(Box::pin).collect(),
        done: vec![],
    }
}
#[must_use = "a future does nothing until it is polled"]
pub struct JoinAll<F: Future> {
    going: Vec<Pin<Box<F>>>,
    done: Vec<(usize, F::Output)>,
}

impl<F: Future> Unpin for JoinAll<F> {}
impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let this = self.get_mut();
        let mut waits = false;
        for i in 0..this.going.len() {
            if this.done.iter().any(|(n, _)| *n == i) {
                continue;
            }
            match this.going[i].as_mut().poll(context) {
                Poll::Ready(v) => this.done.push((i, v)),
                Poll::Pending => waits = true,
            }
        }
        if waits {
            Poll::Pending
        } else {
            this.done.sort_by_key(|(n, _)| *n);
            Poll::Ready(
                std::mem::take(&mut this.done)
                    .into_iter()
                    .map(|(_, v)| v)
                    .collect(),
            )
        }
    }
}
