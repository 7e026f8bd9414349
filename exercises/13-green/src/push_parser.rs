//! A parser that is pushed to. The parser is a plain function that reads from a `Read`, and calls itself where
//! brackets nest. The bytes come in chunks, which end anywhere, and the function must not block for the next one.

use std::io::{self, Read};

/// What a push came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<T> {
    /// The function has read every byte so far, and asks for more.
    NeedsMore,
    /// The function has returned.
    Done {
        /// What it returned.
        value: T,
        /// How many bytes at the end of this push it has not read.
        unread: usize,
    },
}

/// A function that reads, and is suspended where it asks for a byte that has not come yet.
///
/// It keeps the bytes that the function has not read, and no others. Dropping it unwinds the function's stack.
pub struct PushParser<T> {
    // What do the function and `push` have to share?
    value: Option<T>, // Yours to replace.
}

/// What the function reads from.
pub struct Input {
    bytes: Vec<u8>, // Yours to replace.
}

impl<T: 'static> PushParser<T> {
    /// A parser that has not begun: the function is called in the first `push`, or in `finish`.
    ///
    /// # Errors
    ///
    /// If the system gives no stack.
    pub fn new(function: impl FnOnce(Input) -> T + 'static) -> io::Result<PushParser<T>> {
        todo!("a stack for the function")
    }

    /// Runs the function on these bytes, until it has read all of them and asks for another one, or returns. A push
    /// without bytes is not the end of the input.
    ///
    /// # Panics
    ///
    /// With what the function panics with. If it has returned or panicked before.
    pub fn push(&mut self, bytes: &[u8]) -> Progress<T> {
        todo!("run the function until it asks for more, or returns")
    }

    /// Says that no more bytes come, and returns what the function returns.
    ///
    /// # Panics
    ///
    /// As `push`.
    pub fn finish(mut self) -> T {
        todo!("the function reads the end of its input")
    }
}

impl Read for Input {
    /// Reads bytes that were pushed, as many as there are and fit, at least one. If there are none, it suspends the
    /// function. It returns 0 after `finish`, each time; and at once for an empty buffer.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        todo!("read what was pushed, or suspend the function")
    }
}
