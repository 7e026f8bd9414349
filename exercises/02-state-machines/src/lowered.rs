//! A function with two awaits and a branch, as the machine that it becomes.

use std::pin::Pin;
use std::task::{Context, Poll};

use state_machines::site::{Refreshed, Site};

/// Looks whether there is a newer version than the one that is known, and downloads it if so: what
/// [`site::refresh`](state_machines::site::refresh) does, without `async`.
///
/// ```text
///   Created ──▶ Version ──a newer one──▶ Download ──▶ Complete
///                  └──────what is known──────────────────▲
/// ```
///
/// Each child is polled with the very context that comes in.
///
/// Nobody is asked anything here: the first question is asked by the first poll. A child is made
/// when it is its turn, and is gone when it has answered.
///
/// # Cancel safety
///
/// Nothing is lost but what was asked for: whoever drops it has to ask again.
pub fn refresh<S: Site>(site: &S, known: u32) -> Refresh<'_, S> {
    Refresh { site, known }
}

/// See [`refresh`].
#[must_use = "a future does nothing until it is polled"]
pub struct Refresh<'s, S: Site> {
    // What has to be remembered at each of the two pauses?
    site: &'s S,
    known: u32,
}

impl<S: Site> Future for Refresh<'_, S> {
    type Output = Refreshed;

    /// Goes on until a child is pending, or to the end.
    ///
    /// # Panics
    ///
    /// If it is complete.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Refreshed> {
        let this = self.get_mut();
        todo!("go on from where it stopped, as far as it goes")
    }
}
