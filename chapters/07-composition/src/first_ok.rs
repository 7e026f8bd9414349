//! The first success of several futures.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use composition::ReadySet;
use futures::StreamExt;
use pin_project::pin_project;

/// Waits until one of the futures succeeds, and returns its value. The others are dropped before
/// this returns `Ready`. If all of them fail, returns every error, in the order of the futures;
/// without a future, no error.
///
/// The futures are polled side by side. Which of several that succeed in one poll wins is decided by
/// the order of their wakes.
///
/// # Panics
///
/// With what a future panics with.
///
/// # Cancel safety
///
/// Dropping it drops the futures. So does a success: a loser's own cancel safety decides what is
/// lost.
pub fn first_ok<I, F, V, E>(futures: I) -> FirstOk<F, E>
where
    I: IntoIterator<Item = F>,
    F: Future<Output = Result<V, E>>,
{
    let mut errors = Vec::new();
    let racing = (futures.into_iter())
        .inspect(|_| errors.push(None))
        .enumerate()
        .map(|(place, future)| Placed { place, future })
        .collect();
    FirstOk { racing, errors }
}

/// See [`first_ok`].
#[must_use = "a future does nothing unless it is polled"]
pub struct FirstOk<F, E> {
    racing: ReadySet<Placed<F>>,
    /// One for each future that has failed.
    errors: Vec<Option<E>>,
}

impl<F, V, E> Future for FirstOk<F, E>
where
    F: Future<Output = Result<V, E>>,
{
    type Output = Result<V, Vec<E>>;

    /// The caller must not poll it again after it was ready.
    // ANCHOR: poll
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        while let Some((place, result)) = ready!(self.racing.poll_next_unpin(context)) {
            match result {
                Ok(value) => {
                    self.racing = ReadySet::new(); // Drops the losers.
                    return Poll::Ready(Ok(value));
                }
                Err(error) => self.errors[place] = Some(error),
            }
        }
        Poll::Ready(Err(self.errors.drain(..).flatten().collect()))
    }
    // ANCHOR_END: poll
}

/// Only the set holds the futures, and it may be moved.
impl<F, E> Unpin for FirstOk<F, E> {}

/// A future, with its place among the others.
#[pin_project]
struct Placed<F> {
    place: usize,
    #[pin]
    future: F,
}

impl<F: Future> Future for Placed<F> {
    type Output = (usize, F::Output);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let place = *this.place;
        this.future.poll(context).map(|output| (place, output))
    }
}

impl<F, E> fmt::Debug for FirstOk<F, E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.errors.iter().flatten().count();
        let mut out = out.debug_struct("FirstOk");
        out.field("failed", &failed).finish_non_exhaustive()
    }
}
