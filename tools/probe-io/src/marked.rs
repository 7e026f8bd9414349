//! Errors that can be told from others of the same kind.
//!
//! Code that has to return a stream's error as it is may make a new one of the same kind, and loses what else the error held: the code of the
//! operating system, the message, the source. A marked error holds a number. An error that was made anew does not, nor does one that only
//! has the marked error as its source.

use std::fmt;
use std::io::{self, ErrorKind};

#[derive(Debug)]
struct Marked(u32, ErrorKind);

impl fmt::Display for Marked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.1)
    }
}

impl std::error::Error for Marked {}

/// An error of this kind, with this mark. Its text is that of the kind.
#[must_use]
pub fn error(kind: ErrorKind, mark: u32) -> io::Error {
    io::Error::new(kind, Marked(mark, kind))
}

/// The mark of an error that [`error`] made. `None` for any other, also for one that was made from its kind or its text, or around it.
#[must_use]
pub fn mark(error: &io::Error) -> Option<u32> {
    let held = error.get_ref()?.downcast_ref::<Marked>()?;
    Some(held.0)
}
