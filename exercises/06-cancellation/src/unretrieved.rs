//! An outcome, and whether it was retrieved.

use std::fmt;
use std::rc::Rc;

use cancellation::{Failure, Outcome};
use event_loop::Spawn;

/// An outcome that can be retrieved. All clones share it: one retrieval, through any clone, counts
/// for all.
///
/// If the outcome is an error, and the last clone is dropped before the outcome was retrieved, the
/// error is reported once, through [`Spawn::report`]. asyncio prints "Future exception was never
/// retrieved" then. The report happens in the destructor of the last clone, not earlier. Then the
/// outcome is dropped, too.
///
/// Values and cancellations are never reported. A program may ignore a value, and the code that
/// cancelled knows that it did.
pub struct Kept<T> {
    outcome: Outcome<T>, // Yours to replace.
    spawn: Rc<dyn Spawn>,
}

impl<T: Clone> Kept<T> {
    /// Keeps an outcome. An error that is never retrieved is reported to this loop.
    pub fn new(outcome: Outcome<T>, spawn: Rc<dyn Spawn>) -> Kept<T> {
        Kept { outcome, spawn }
    }

    /// Returns a clone of the outcome, which counts as retrieved from now on. It can be retrieved
    /// again.
    pub fn retrieve(&self) -> Outcome<T> {
        todo!("return the outcome; what has to be remembered?")
    }
}

impl<T: Clone> Clone for Kept<T> {
    fn clone(&self) -> Kept<T> {
        todo!("the same outcome")
    }
}

/// The text of the report.
fn unretrieved(error: &dyn std::error::Error) -> String {
    format!("a promise ended with an error that was never retrieved: {error}")
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Kept")
    }
}
