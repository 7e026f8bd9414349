//! A list of futures at the same time: ready when all of them are.

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
    todo!("keep all of them, and poll none")
}

/// See [`join_all`].
#[must_use = "a future does nothing until it is polled"]
pub struct JoinAll<F: Future> {
    // `poll` needs a `Pin<&mut F>`. From a `Vec<F>`, safe code gets only a `&mut F`. A box for
    // each future gives the pin.
    futures: Vec<Pin<Box<F>>>,
}

/// `JoinAll` may be moved: each future is in a box of its own.
impl<F: Future> Unpin for JoinAll<F> {}

impl<F: Future> Future for JoinAll<F> {
    type Output = Vec<F::Output>;

    /// The caller must not poll it again after it was ready; it may panic or return anything then.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Vec<F::Output>> {
        let this = self.get_mut();
        todo!("poll each future that is not done; are all done?")
    }
}
