//! Polls every future at every poll, whether it is done or not.

use std::pin::Pin;
use std::task::{Context, Poll};

/// Waits for all futures of a list, of any length, and returns their results in the order of the
/// list.
///
/// Each poll of it polls each future that is not done yet once, in the order of the list, so that
/// any of them wakes the task that polled last. It does not poll a future again that is done, and
/// never wakes its task itself. An empty list is ready at the first poll.
///
/// # Panics
///
/// With what a future panics with. Nothing leaks then.
///
/// # Cancel safety
///
/// Dropping it drops all futures. The results of those that are done are lost.
pub fn join_all<F: Future>(futures: Vec<F>) -> JoinAll<F> {
    let results = futures.iter().map(|_| None).collect();
    JoinAll {
        futures: futures.into_iter().map(Box::pin).collect(),
        results,
    }
}

/// See [`join_all`].
#[must_use = "a future does nothing until it is polled"]
pub struct JoinAll<F: Future> {
    futures: Vec<Pin<Box<F>>>,
    results: Vec<Option<F::Output>>,
}

/// None of the futures stands in it directly: each has its own box, so it may be moved.
impl<F: Future> Unpin for JoinAll<F> {}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let this = self.get_mut();
        // ANCHOR: mistake
        for (future, result) in this.futures.iter_mut().zip(&mut this.results) {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                *result = Some(output);
            }
        }
        // ANCHOR_END: mistake
        if this.results.iter().any(Option::is_none) {
            return Poll::Pending;
        }
        Poll::Ready(this.results.drain(..).flatten().collect())
    }
}
