//! Keeps the known version across the second pause, where the new one is needed.

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
        state: State::Created { site, known },
    }
}

/// See [`refresh`].
#[must_use = "a future does nothing until it is polled"]
pub struct Refresh<'s, S: Site> {
    state: State<'s, S>,
}

enum State<'s, S: Site> {
    Created {
        site: &'s S,
        known: u32,
    },
    Version {
        site: &'s S,
        known: u32,
        child: S::Version,
    },
    Download {
        version: u32,
        child: S::Download,
    },
    Complete,
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
        loop {
            this.state = match &mut this.state {
                State::Created { site, known } => State::Version {
                    site,
                    known: *known,
                    child: site.version(),
                },
                State::Version { site, known, child } => {
                    let version = ready!(Pin::new(child).poll(context));
                    if version == *known {
                        this.state = State::Complete;
                        return Poll::Ready(Refreshed::Current);
                    }
                    State::Download {
                        // ANCHOR: mistake
                        version: *known,
                        child: site.download(version),
                        // ANCHOR_END: mistake
                    }
                }
                State::Download { version, child } => {
                    let (version, text) = (*version, ready!(Pin::new(child).poll(context)));
                    this.state = State::Complete;
                    return Poll::Ready(Refreshed::New { version, text });
                }
                State::Complete => panic!("polled after it was ready"),
            };
        }
    }
}
