//! The tests of the crate, as one program: each program costs a link.

mod blocking;
mod hostile;
mod sentences;
