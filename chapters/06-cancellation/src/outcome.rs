//! How something ends that somebody else works on.

use std::error::Error;
use std::fmt;
use std::rc::Rc;

// ANCHOR: outcome
/// A value, or why there is none.
pub type Outcome<T> = Result<T, Failure>;

/// Why there is no value. That somebody has given it up is no error, and is told apart from one.
#[derive(Debug, Clone)]
pub enum Failure {
    /// Whoever had to give it has failed.
    Error(Rc<dyn Error>),
    /// Somebody has given it up.
    Cancelled,
}
// ANCHOR_END: outcome

impl Failure {
    /// The failure that this error is.
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
