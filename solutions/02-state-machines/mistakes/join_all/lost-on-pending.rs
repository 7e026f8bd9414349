//! Collects the results in a local variable of `poll`.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
pub fn join_all<F: Future>(futures: Vec<F>) -> JoinAll<F> {
    let n = futures.len();
    let _ = n;
    let futures: Vec<_> = futures.into_iter().map(|f| Box::pin(f)).collect();
    JoinAll {
        futures,
        results: Vec::new(),
    }
}
pub struct JoinAll<F: Future> {
    futures: Vec<Pin<Box<F>>>,
    results: Vec<F::Output>,
}
impl<F: Future> Unpin for JoinAll<F> {}
impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let this = self.get_mut();
        // ANCHOR: mistake
        let mut results = Vec::new();
        let mut i = 0;
        while i < this.futures.len() {
            if let Poll::Ready(v) = this.futures[i].as_mut().poll(context) {
                results.push(v);
                this.futures.remove(i);
            } else {
                i += 1;
            }
        }
        if this.futures.is_empty() {
            Poll::Ready(results)
        } else {
            Poll::Pending
        }
        // ANCHOR_END: mistake
    }
}
