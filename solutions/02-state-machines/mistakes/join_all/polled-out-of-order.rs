//! Takes a future that is done out of the list with `swap_remove`.
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

pub fn join_all<F: Future>(futures: Vec<F>) -> JoinAll<F> {
    let done = futures.iter().map(|_| None).collect();
    JoinAll {
        going: futures.into_iter().map(Box::pin).enumerate().collect(),
        done,
    }
}
#[must_use = "a future does nothing until it is polled"]
pub struct JoinAll<F: Future> {
    going: Vec<(usize, Pin<Box<F>>)>,
    done: Vec<Option<F::Output>>,
}

impl<F: Future> Unpin for JoinAll<F> {}
impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let this = self.get_mut();
        let mut i = 0;
        while i < this.going.len() {
            match this.going[i].1.as_mut().poll(context) {
                Poll::Ready(v) => {
                    let (n, _) = this.going.swap_remove(i);
                    this.done[n] = Some(v);
                }
                Poll::Pending => i += 1,
            }
        }
        if this.going.is_empty() {
            Poll::Ready(this.done.iter_mut().map(|d| d.take().unwrap()).collect())
        } else {
            Poll::Pending
        }
    }
}
