//! Several results at once, and what becomes of the others when one is an error.

use std::future::Future;

use composition::{JoinAll, TryJoinAll, join_all, try_join_all};

/// Waits for all futures, which run side by side, and returns their results in the order of the
/// list. `on_error` says what an error does: see [`Collect`] and [`CancelOthers`].
///
/// asyncio's `gather` has these two as `return_exceptions=True` and `False`, with one difference:
/// in the second case asyncio returns the error and lets the other tasks run on. A `gather` of
/// this chapter owns its futures, so none of them outlives it.
///
/// ```
/// use composition::{CancelOthers, Collect, gather};
/// use std::future::ready;
///
/// let results = || [Ok(1), Err("offline"), Ok(3)].map(ready);
/// assert_eq!(wakers::block_on(gather(results(), Collect)), [Ok(1), Err("offline"), Ok(3)]);
/// assert_eq!(wakers::block_on(gather(results(), CancelOthers)), Err("offline"));
/// ```
///
/// # Cancel safety
///
/// Dropping it drops every future that has not completed, and the results of the others.
pub fn gather<I, P>(futures: I, on_error: P) -> P::Gather
where
    I: IntoIterator,
    P: OnError<I::Item>,
{
    on_error.gather(futures)
}

// ANCHOR: on_error
/// What an error does to the other futures of a [`gather`].
pub trait OnError<F> {
    /// The future that waits for all.
    type Gather: Future;

    /// See [`gather`].
    fn gather(self, futures: impl IntoIterator<Item = F>) -> Self::Gather;
}

/// An error is a result like any other: the output is a `Vec` of all results.
#[derive(Debug, Clone, Copy)]
pub struct Collect;

/// The first error is the result, and the other futures are dropped before it is returned. The
/// output is a `Result` with the `Vec` of all values.
#[derive(Debug, Clone, Copy)]
pub struct CancelOthers;

impl<F: Future> OnError<F> for Collect {
    type Gather = JoinAll<F>;

    fn gather(self, futures: impl IntoIterator<Item = F>) -> JoinAll<F> {
        join_all(futures)
    }
}

impl<F, V, E> OnError<F> for CancelOthers
where
    F: Future<Output = Result<V, E>>,
{
    type Gather = TryJoinAll<F, V>;

    fn gather(self, futures: impl IntoIterator<Item = F>) -> TryJoinAll<F, V> {
        try_join_all(futures)
    }
}
// ANCHOR_END: on_error
