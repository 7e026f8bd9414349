//! Keeps the child that has answered, and polls it again in the next poll.

use std::pin::Pin;
use std::task::{Context, Poll};

use std::task::ready;

use state_machines::site::{Refreshed, Site};

/// Asks the site for its version, and downloads the text if that is not `known`: each step of
/// [`site::refresh`](state_machines::site::refresh), without `async`.
///
/// ```text
///   Created ──▶ Version ──another version──▶ Download ──▶ Complete
///                  └──────the known version──────────────────▲
/// ```
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
    Refresh {
        site,
        known,
        version: None,
        number: 0,
        download: None,
        complete: false,
    }
}

/// See [`refresh`].
#[must_use = "a future does nothing until it is polled"]
pub struct Refresh<'s, S: Site> {
    site: &'s S,
    known: u32,
    version: Option<S::Version>,
    number: u32,
    download: Option<S::Download>,
    complete: bool,
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
        assert!(!this.complete, "polled after it was ready");
        let site = this.site;
        // ANCHOR: mistake
        let version = this.version.get_or_insert_with(|| site.version());
        let number = ready!(Pin::new(version).poll(context));
        if number == this.known {
            this.complete = true;
            return Poll::Ready(Refreshed::Current);
        }
        let download = this.download.get_or_insert_with(|| site.download(number));
        let text = ready!(Pin::new(download).poll(context));
        // ANCHOR_END: mistake
        this.complete = true;
        Poll::Ready(Refreshed::New {
            version: number,
            text,
        })
    }
}
