//! Reports nothing.
//!
//! An outcome, and whether anybody has asked for it.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use cancellation::{Failure, Outcome};
use event_loop::Spawn;

/// How something ended, for whoever asks. A clone is the same, and holds the same outcome.
///
/// If it is an error, and it is gone, with every clone of it, before anybody has asked, then nobody
/// will ever learn of that error. So it is reported, once: see [`Spawn::report`]. asyncio says
/// "Future exception was never retrieved" then.
///
/// A value that nobody asks for is no problem, and neither is a cancellation: whoever gives
/// something up knows it.
#[derive(Clone)]
pub struct Kept<T> {
    last: Rc<Last<T>>,
}

/// What all clones share, so that its destructor runs with the last of them.
struct Last<T> {
    outcome: Outcome<T>,
    asked: Cell<bool>,
    spawn: Rc<dyn Spawn>,
}

impl<T: Clone> Kept<T> {
    /// Keeps an outcome. Problems are reported to this loop.
    pub fn new(outcome: Outcome<T>, spawn: Rc<dyn Spawn>) -> Kept<T> {
        Kept {
            last: Rc::new(Last {
                outcome,
                asked: Cell::new(false),
                spawn,
            }),
        }
    }

    /// The outcome. From now on somebody has asked.
    pub fn retrieve(&self) -> Outcome<T> {
        self.last.asked.set(true);
        self.last.outcome.clone()
    }
}

// ANCHOR: mistake
impl<T> Drop for Last<T> {
    fn drop(&mut self) {
        if let (Err(Failure::Error(error)), false) = (&self.outcome, self.asked.get()) {
            let _ = unretrieved(&**error);
        }
    }
}
// ANCHOR_END: mistake

/// What is reported.
fn unretrieved(error: &dyn std::error::Error) -> String {
    format!("a promise ended with an error, and nobody asked for it: {error}")
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Kept")
    }
}
