//! An outcome, and whether it was retrieved.

// YOURS
use std::cell::Cell;
// YOURS_END
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
// YOURS
// ANCHOR: kept
#[derive(Clone)]
// YOURS_END
pub struct Kept<T> {
    // YOURS
    last: Rc<Last<T>>,
    // STUB: outcome: Outcome<T>, // Yours to replace.
    // STUB: spawn: Rc<dyn Spawn>,
    // YOURS_END
}

// YOURS
/// What all clones share: its destructor runs when the last of them is dropped.
struct Last<T> {
    outcome: Outcome<T>,
    asked: Cell<bool>,
    spawn: Rc<dyn Spawn>,
}
// ANCHOR_END: kept

// YOURS_END
impl<T: Clone> Kept<T> {
    /// Keeps an outcome. An error that is never retrieved is reported to this loop.
    pub fn new(outcome: Outcome<T>, spawn: Rc<dyn Spawn>) -> Kept<T> {
        // YOURS
        Kept {
            last: Rc::new(Last {
                outcome,
                asked: Cell::new(false),
                spawn,
            }),
        }
        // STUB: Kept { outcome, spawn }
        // YOURS_END
    }

    /// Returns a clone of the outcome, which counts as retrieved from now on. It can be retrieved
    /// again.
    pub fn retrieve(&self) -> Outcome<T> {
        // YOURS
        self.last.asked.set(true);
        self.last.outcome.clone()
        // STUB: todo!("return the outcome; what has to be remembered?")
        // YOURS_END
    }
}
// YOURS

// ANCHOR: drop
impl<T> Drop for Last<T> {
    fn drop(&mut self) {
        if let (Err(Failure::Error(error)), false) = (&self.outcome, self.asked.get()) {
            self.spawn.report(&unretrieved(&**error));
        }
    }
}
// ANCHOR_END: drop
// STUB:
// STUB: impl<T: Clone> Clone for Kept<T> {
// STUB:     fn clone(&self) -> Kept<T> {
// STUB:         todo!("the same outcome")
// STUB:     }
// STUB: }
// YOURS_END

/// The text of the report.
fn unretrieved(error: &dyn std::error::Error) -> String {
    format!("a promise ended with an error that was never retrieved: {error}")
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Kept")
    }
}
