//! Takes the state out, and leaves through `ready!` without putting it back.

use std::mem;
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
            match mem::replace(&mut this.state, State::Complete) {
                State::Created { site, known } => {
                    let child = site.version();
                    this.state = State::Version { site, known, child };
                }
                // ANCHOR: mistake
                State::Version {
                    site,
                    known,
                    mut child,
                } => {
                    let version = ready!(Pin::new(&mut child).poll(context));
                    if version == known {
                        return Poll::Ready(Refreshed::Current);
                    }
                    let child = site.download(version);
                    this.state = State::Download { version, child };
                }
                // ANCHOR_END: mistake
                State::Download { version, mut child } => {
                    let text = ready!(Pin::new(&mut child).poll(context));
                    return Poll::Ready(Refreshed::New { version, text });
                }
                State::Complete => panic!("polled after it was ready"),
            }
        }
    }
}
