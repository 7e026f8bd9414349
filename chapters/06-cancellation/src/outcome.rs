//! How a promise ends: with a value, an error or a cancellation.

use std::error::Error;
use std::fmt;
use std::rc::Rc;

// ANCHOR: outcome
/// A value, or why there is none.
pub type Outcome<T> = Result<T, Failure>;

/// Why there is no value. A cancellation is not an error, and the type tells the two apart.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The code that should have supplied the value failed.
    Error(Rc<dyn Error>),
    /// It was cancelled.
    Cancelled,
}
// ANCHOR_END: outcome

impl Failure {
    /// Wraps an error.
    pub fn error(error: impl Into<Box<dyn Error>>) -> Failure {
        Failure::Error(Rc::from(error.into()))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Error(error) => error.fmt(out),
            Failure::Cancelled => out.write_str("cancelled"),
        }
    }
}
