//! An outcome, and whether anybody has asked for it.

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
pub struct Kept<T> {
    outcome: Outcome<T>, // Yours to replace.
    spawn: Rc<dyn Spawn>,
}

impl<T: Clone> Kept<T> {
    /// Keeps an outcome. Problems are reported to this loop.
    pub fn new(outcome: Outcome<T>, spawn: Rc<dyn Spawn>) -> Kept<T> {
        Kept { outcome, spawn }
    }

    /// The outcome. From now on somebody has asked.
    pub fn retrieve(&self) -> Outcome<T> {
        todo!("hand out the outcome; and remember what?")
    }
}

impl<T: Clone> Clone for Kept<T> {
    fn clone(&self) -> Kept<T> {
        todo!("the same outcome")
    }
}

/// What is reported.
fn unretrieved(error: &dyn std::error::Error) -> String {
    format!("a promise ended with an error, and nobody asked for it: {error}")
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Kept")
    }
}
