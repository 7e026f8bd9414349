//! A function with an await inside of a loop, as the machine that it becomes.

use std::pin::Pin;
use std::task::{Context, Poll};

use state_machines::source::Source;

/// Adds up all numbers that arrive: what [`source::total`](state_machines::source::total) does,
/// without `async`.
///
/// ```text
///               ┌──a number──┐
///   Created ──▶ Waiting ◀────┘ ──no more──▶ Complete
/// ```
///
/// Nothing is asked for here: the first poll asks for the first number. Each answer is polled with
/// the very context that comes in.
///
/// # Cancel safety
///
/// The numbers that have arrived are lost with it.
pub fn total<S: Source>(source: &mut S) -> Total<'_, S> {
    Total { source }
}

/// See [`total`].
#[must_use = "a future does nothing until it is polled"]
pub struct Total<'s, S: Source> {
    source: &'s mut S,
    // What else has to be remembered while a number is awaited?
}

impl<S: Source> Future for Total<'_, S> {
    type Output = u64;

    /// Goes on until a number is pending, or to the end.
    ///
    /// # Panics
    ///
    /// If it is complete.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u64> {
        let this = self.get_mut();
        todo!("take in all numbers that are there already, and wait for the next")
    }
}
