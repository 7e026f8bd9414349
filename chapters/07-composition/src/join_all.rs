//! A list of futures side by side: ready when all of them are, or when one of them fails.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures::StreamExt;

use crate::AsCompleted;
use crate::as_completed::as_completed;

/// Waits for all futures, and returns their outputs in the order of the list.
///
/// Each future has a waker of its own, so one that is woken costs one poll: `n` futures that are
/// pending once take `2 * n` polls. The `join_all` of chapter 02 polls every pending future at each
/// wake, about `n * n / 2` polls.
///
/// ```
/// use composition::join_all;
/// use std::future::ready;
///
/// assert_eq!(wakers::block_on(join_all([ready(1), ready(2)])), [1, 2]);
/// ```
// ANCHOR: join_all
pub fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) -> JoinAll<F> {
    let running = as_completed(futures);
    JoinAll {
        outputs: empty(running.len()),
        running,
    }
}

/// See [`join_all`].
///
/// What a poll does after `Ready` is not specified.
///
/// # Panics
///
/// With what a future panics with. The others are dropped with the `JoinAll`.
///
/// # Cancel safety
///
/// Dropping it drops all futures. The outputs that are there already are lost.
#[must_use = "a future does nothing until it is polled"]
pub struct JoinAll<F: Future> {
    running: AsCompleted<F>,
    /// Each output in its future's place.
    outputs: Vec<Option<F::Output>>,
}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        while let Some((place, output)) = ready!(this.running.poll_next_unpin(context)) {
            this.outputs[place] = Some(output);
        }
        Poll::Ready(mem::take(&mut this.outputs).into_iter().flatten().collect())
    }
}
// ANCHOR_END: join_all

/// Waits until all futures are `Ok`, and returns their values in the order of the list; or until one
/// is `Err`, and returns that error at once.
///
/// ```
/// use composition::try_join_all;
/// use std::future::ready;
///
/// let all = try_join_all([ready(Ok(1)), ready(Err("no route")), ready(Err("refused"))]);
/// assert_eq!(wakers::block_on(all), Err("no route"));
/// ```
pub fn try_join_all<F, T, E>(futures: impl IntoIterator<Item = F>) -> TryJoinAll<F, T>
where
    F: Future<Output = Result<T, E>>,
{
    let running = as_completed(futures);
    TryJoinAll {
        values: empty(running.len()),
        running,
    }
}

/// See [`try_join_all`].
///
/// The other futures are dropped *before* it returns the error: when the caller sees the error,
/// nothing of the list is running. What a poll does after `Ready` is not specified.
///
/// # Panics
///
/// With what a future panics with. The others are dropped with the `TryJoinAll`.
///
/// # Cancel safety
///
/// Dropping it drops all futures. The values that are there already are lost.
#[must_use = "a future does nothing until it is polled"]
pub struct TryJoinAll<F, T> {
    running: AsCompleted<F>,
    values: Vec<Option<T>>,
}

// ANCHOR: try_join_all
impl<F, T, E> Future for TryJoinAll<F, T>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<Vec<T>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        while let Some((place, output)) = ready!(this.running.poll_next_unpin(context)) {
            match output {
                Ok(value) => this.values[place] = Some(value),
                Err(error) => {
                    this.running = as_completed([]); // Drops the siblings.
                    this.values.clear();
                    return Poll::Ready(Err(error));
                }
            }
        }
        let values = mem::take(&mut this.values).into_iter().flatten();
        Poll::Ready(Ok(values.collect()))
    }
}
// ANCHOR_END: try_join_all

/// The futures are in boxes, and an output is never pinned.
impl<F: Future> Unpin for JoinAll<F> {}
impl<F, T> Unpin for TryJoinAll<F, T> {}

impl<F: Future> std::fmt::Debug for JoinAll<F> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("JoinAll")
            .field("pending", &self.running.len())
            .finish()
    }
}

impl<F: Future, T> std::fmt::Debug for TryJoinAll<F, T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("TryJoinAll")
            .field("pending", &self.running.len())
            .finish()
    }
}

fn empty<T>(places: usize) -> Vec<Option<T>> {
    std::iter::repeat_with(|| None).take(places).collect()
}
