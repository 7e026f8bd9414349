//! A function with an await inside of a loop, as the machine that it becomes.

use std::pin::Pin;
use std::task::{Context, Poll};

use state_machines::source::Source;

/// Adds up all numbers of a source: each step of [`source::total`](state_machines::source::total),
/// without `async`.
///
/// The call asks the source nothing: the first poll asks for the first number. A poll goes on as
/// long as numbers are ready, with as much stack for 10,000 numbers as for one. It polls an answer
/// with the `Context` of its own poll, once a poll, and never wakes its task itself.
///
/// # Cancel safety
///
/// Dropping it drops the answer that is under way and loses the numbers that have arrived.
pub fn total<S: Source>(source: &mut S) -> Total<'_, S> {
    Total { source }
}

/// See [`total`].
#[must_use = "a future does nothing until it is polled"]
pub struct Total<'s, S: Source> {
    source: &'s mut S,
    // What else does it keep while a number is awaited?
}

impl<S: Source> Future for Total<'_, S> {
    type Output = u64;

    /// Runs until a number is pending, or to the end.
    ///
    /// # Panics
    ///
    /// At each poll after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        let this = self.get_mut();
        todo!("add all numbers that are ready, and wait for the next")
    }
}
