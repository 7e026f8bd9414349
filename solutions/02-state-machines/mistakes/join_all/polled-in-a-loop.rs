//! Polls them all until all are ready.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
pub fn join_all<F: Future>(futures: Vec<F>) -> JoinAll<F> {
    let n = futures.len();
    let _ = n;
    let futures: Vec<_> = futures.into_iter().map(|f| Box::pin(f)).collect();
    JoinAll {
        futures: futures.into_iter().map(Some).collect(),
        results: (0..n).map(|_| None).collect(),
    }
}
pub struct JoinAll<F: Future> {
    futures: Vec<Option<Pin<Box<F>>>>,
    results: Vec<Option<F::Output>>,
}
impl<F: Future> Unpin for JoinAll<F> {}
impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let this = self.get_mut();
        // ANCHOR: mistake
        while this.results.iter().any(|r| r.is_none()) {
            for (slot, result) in this.futures.iter_mut().zip(&mut this.results) {
                if let Some(f) = slot {
                    if let Poll::Ready(v) = f.as_mut().poll(context) {
                        *result = Some(v);
                        *slot = None;
                    }
                }
            }
        }
        // ANCHOR_END: mistake

        if this.results.iter().all(|r| r.is_some()) {
            Poll::Ready(this.results.iter_mut().map(|r| r.take().unwrap()).collect())
        } else {
            Poll::Pending
        }
    }
}
