//! The first success of several futures.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use composition::{AsCompleted, as_completed};
use futures::StreamExt;

/// Waits until one of the futures succeeds, and returns its value. The others are dropped before
/// this returns `Ready`. If all of them fail, returns every error, in the order of the futures;
/// without a future, no error.
///
/// The futures are polled side by side. Which of several that succeed in one poll wins is decided by
/// the order of their wakes.
///
/// ```
/// use composition::first_ok;
/// use std::future::ready;
///
/// let answers = [Err("north"), Ok(7), Err("south")].map(ready);
/// assert_eq!(wakers::block_on(first_ok(answers)), Ok(7));
/// let errors = [Err::<u32, _>("north"), Err("south")].map(ready);
/// assert_eq!(wakers::block_on(first_ok(errors)), Err(vec!["north", "south"]));
/// ```
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
    let racing = as_completed(futures);
    let errors = (0..racing.len()).map(|_| None).collect();
    FirstOk { racing, errors }
}

/// See [`first_ok`].
#[must_use = "a future does nothing unless it is polled"]
pub struct FirstOk<F, E> {
    racing: AsCompleted<F>,
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
                    self.racing = as_completed([]); // Drops the losers.
                    return Poll::Ready(Ok(value));
                }
                Err(error) => self.errors[place] = Some(error),
            }
        }
        Poll::Ready(Err(self.errors.drain(..).flatten().collect()))
    }
    // ANCHOR_END: poll
}

/// Each future is in a box of its own.
impl<F, E> Unpin for FirstOk<F, E> {}

impl<F, E> fmt::Debug for FirstOk<F, E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.errors.iter().flatten().count();
        let mut out = out.debug_struct("FirstOk");
        out.field("failed", &failed).finish_non_exhaustive()
    }
}
