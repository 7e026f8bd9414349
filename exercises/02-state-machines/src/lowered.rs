//! A function with two awaits and a branch, as the machine that it becomes.

use std::pin::Pin;
use std::task::{Context, Poll};

use state_machines::site::{Refreshed, Site};

/// Asks the site for its version, and downloads the text if that is not `known`: each step of
/// [`site::refresh`](state_machines::site::refresh), without `async`.
///
/// Another version is any that is not equal to `known`, a lower number too.
///
/// The call asks the site nothing: the first poll asks for the version. The machine asks for the
/// text when it has the version and needs the text. It drops each child in the poll in which the
/// child is ready. It polls a child with the `Context` of its own poll, once a poll, and never wakes
/// its task itself.
///
/// # Cancel safety
///
/// Dropping it drops the child that is under way. A later call asks again.
pub fn refresh<S: Site>(site: &S, known: u32) -> Refresh<'_, S> {
    Refresh { site, known }
}

/// See [`refresh`].
#[must_use = "a future does nothing until it is polled"]
pub struct Refresh<'s, S: Site> {
    // What does it keep at each of the two suspension points?
    site: &'s S,
    known: u32,
}

impl<S: Site> Future for Refresh<'_, S> {
    type Output = Refreshed;

    /// Runs until a child is pending, or to the end.
    ///
    /// # Panics
    ///
    /// At each poll after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Refreshed> {
        let this = self.get_mut();
        todo!("continue from the state of the last poll, until a child is pending")
    }
}
