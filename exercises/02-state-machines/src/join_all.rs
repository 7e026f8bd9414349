//! A list of futures at the same time: ready when the last of them is.

use std::pin::Pin;
use std::task::{Context, Poll};

/// Waits for all of them, and gives their results in the order of the list, whatever the order in
/// which they come.
///
/// Each of its polls goes to every one that is not done yet, with the very context that comes in,
/// in the order of the list. One that is done is not polled again. An empty list is ready at the
/// first poll.
///
/// # Cancel safety
///
/// If it is dropped before all are done, the results of those that are done are lost.
pub fn join_all<F: Future>(futures: Vec<F>) -> JoinAll<F> {
    todo!("keep them all, and poll none")
}

/// See [`join_all`].
#[must_use = "a future does nothing until it is polled"]
pub struct JoinAll<F: Future> {
    // Each future needs a place that it keeps: a `Vec` moves what is in it when it grows, a
    // box does not.
    futures: Vec<Pin<Box<F>>>,
}

/// None of the futures stands in it directly: each has its own box, so it may be moved.
impl<F: Future> Unpin for JoinAll<F> {}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let this = self.get_mut();
        todo!("poll whoever is not done, and see whether all are")
    }
}
