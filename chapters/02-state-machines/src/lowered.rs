//! A function with two awaits and a branch, as the machine that it becomes.

use std::pin::Pin;
use std::task::{Context, Poll};

// YOURS
use std::task::ready;

// YOURS_END
use state_machines::site::{Refreshed, Site};

/// Asks the site for its version, and downloads the text if that is not `known`: each step of
/// [`site::refresh`](state_machines::site::refresh), without `async`.
///
// YOURS
/// ```text
///   Created ──▶ Version ──another version──▶ Download ──▶ Complete
///                  └──────the known version──────────────────▲
/// ```
///
// YOURS_END
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
    // STUB: // What does it keep at each of the two suspension points?
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

    /// Runs until a child is pending, or to the end.
    ///
    /// # Panics
    ///
    /// At each poll after it was ready.
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
        // STUB: todo!("continue from the state of the last poll, until a child is pending")
        // YOURS_END
    }
    // ANCHOR_END: poll
}
