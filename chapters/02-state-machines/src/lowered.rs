//! A function with two awaits and a branch, as the machine that it becomes.

use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
use std::task::ready;

// YOURS_END
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
    // YOURS
    Refresh {
        state: State::Created { site, known },
    }
    // STUB: Refresh { site, known }
    // YOURS_END
}

/// See [`refresh`].
#[must_use = "a future does nothing until it is polled"]
pub struct Refresh<'s, S: Site> {
    // YOURS
    state: State<'s, S>,
    // STUB: // What has to be remembered at each of the two pauses?
    // STUB: site: &'s S,
    // STUB: known: u32,
    // YOURS_END
}

// YOURS
// ANCHOR: states
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
// ANCHOR_END: states

// YOURS_END
impl<S: Site> Future for Refresh<'_, S> {
    type Output = Refreshed;

    /// Goes on until a child is pending, or to the end.
    ///
    /// # Panics
    ///
    /// If it is complete.
    // ANCHOR: poll
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Refreshed> {
        let this = self.get_mut();
        // YOURS
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
                        version,
                        child: site.download(version),
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
        // STUB: todo!("go on from where it stopped, as far as it goes")
        // YOURS_END
    }
    // ANCHOR_END: poll
}
