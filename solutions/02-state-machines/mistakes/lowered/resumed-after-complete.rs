//! Does not remember that it is complete.

use std::pin::Pin;
use std::task::{Context, Poll};

use std::task::ready;

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
        let site = this.site;
        if this.download.is_none() {
            let version = this.version.get_or_insert_with(|| site.version());
            this.number = ready!(Pin::new(version).poll(context));
            // ANCHOR: mistake
            this.version = None;
            if this.number == this.known {
                return Poll::Ready(Refreshed::Current);
            }
            // ANCHOR_END: mistake
            this.download = Some(site.download(this.number));
        }
        let download = this.download.as_mut().expect("just made");
        let text = ready!(Pin::new(download).poll(context));
        this.download = None;
        Poll::Ready(Refreshed::New {
            version: this.number,
            text,
        })
    }
}
