//! Takes a future that is done out of the list while it goes through the list.

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
    JoinAll {
        futures: futures.into_iter().map(Box::pin).collect(),
        results: Vec::new(),
    }
}

/// See [`join_all`].
#[must_use = "a future does nothing until it is polled"]
pub struct JoinAll<F: Future> {
    futures: Vec<Pin<Box<F>>>,
    results: Vec<F::Output>,
}

/// None of the futures stands in it directly: each has its own box, so it may be moved.
impl<F: Future> Unpin for JoinAll<F> {}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let this = self.get_mut();
        // ANCHOR: mistake
        let mut index = 0;
        while index < this.futures.len() {
            if let Poll::Ready(output) = this.futures[index].as_mut().poll(context) {
                this.results.push(output);
                drop(this.futures.remove(index));
            }
            index += 1;
        }
        // ANCHOR_END: mistake
        if this.futures.is_empty() {
            Poll::Ready(std::mem::take(&mut this.results))
        } else {
            Poll::Pending
        }
    }
}
