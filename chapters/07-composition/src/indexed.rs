//! A future whose output says which one it was.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project::pin_project;

/// Adds the future's place in a list to its output.
#[pin_project]
pub(crate) struct Indexed<F> {
    place: usize,
    #[pin]
    future: F,
}

/// Each future with its place, from 0.
pub(crate) fn indexed<F>(futures: impl IntoIterator<Item = F>) -> impl Iterator<Item = Indexed<F>> {
    futures
        .into_iter()
        .enumerate()
        .map(|(place, future)| Indexed { place, future })
}

impl<F: Future> Future for Indexed<F> {
    type Output = (usize, F::Output);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        Poll::Ready((*this.place, ready!(this.future.poll(context))))
    }
}
